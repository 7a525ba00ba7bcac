export { plainEnvironment, Ran, run, RunOptions } from "./command";
export { createHost, destroyHost, endHost, hostIsUp, HostSpec, initOf, removeFolder } from "./host";
export { createNetwork, destroyNetwork, networkIsUp, processesIn, tidyNamespaces } from "./network";
export { HostFiles } from "./plan";
export { isRunning, kill, markOf, ProcessMark, readMark, until } from "./processes";
export { Daemon, daemonIsUp, daemonOf, entering, runOn, startDaemon, stopDaemon, waitForDaemon } from "./run";
