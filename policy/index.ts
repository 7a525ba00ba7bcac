import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies";

new PolicyPack("private-registry", {
  description: "What a private registry should hold to.",
  enforcementLevel: "mandatory",
  policies,
});
