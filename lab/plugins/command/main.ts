import { serve } from "../protocol/server";
import { commandPlugin } from "./plugin";

void serve(commandPlugin, process.argv[2]);
