export { clientPrefix, clientStep, runOnClient } from "./client";
export { plainEnvironment, Ran, run, RunOptions } from "./command";
export { gatewayFile, gatewayHostKey, gatewayStep, restartGatewayNginx } from "./gateway";
export { createHost, destroyHost, endHost, hostIsUp, HostSpec, initOf, removeFolder } from "./host";
export { createNetwork, destroyNetwork, networkIsUp, processesIn, tidyNamespaces } from "./network";
export { networkStep } from "./network-step";
export { HostFiles } from "./plan";
export { isRunning, kill, markOf, ProcessMark, readMark, until } from "./processes";
export { Daemon, daemonIsUp, daemonOf, entering, runOn, startDaemon, stopDaemon, waitForDaemon } from "./run";
