#!/usr/bin/env node
// A stand-in for GitHub's `gh api`: answers from the file GH_ANSWERS, JSON by path ("repos/a/b/deployments").
// A list is served in pages of GH_PAGE entries, with --paginate all of them one after the other, as gh prints them.
"use strict";
const { execFileSync } = require("node:child_process");
const { appendFileSync, readFileSync } = require("node:fs");
const { URL } = require("node:url");

const args = process.argv.slice(2);
const option = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const target = args.find((each) => each.startsWith("repos/")) ?? "";
appendFileSync(process.env.GH_LOG, `${args.join(" ")}\n`);
const url = new URL(target, "https://api.example.test/");
const path = url.pathname.slice(1);
const answers = JSON.parse(readFileSync(process.env.GH_ANSWERS, "utf8"));
const failure = answers.failures?.[path] ?? (path in answers ? undefined : "gh: Not Found (HTTP 404)");
if (failure) {
  console.error(failure);
  process.exit(1);
}

const pageSize = Math.min(Number(url.searchParams.get("per_page") ?? 30), Number(process.env.GH_PAGE ?? 100));
const inPages = (list) =>
  list.length === 0
    ? [[]]
    : Array.from({ length: Math.ceil(list.length / pageSize) }, (_, page) =>
        list.slice(page * pageSize, (page + 1) * pageSize),
      );
const whole = answers[path];
const environment = url.searchParams.get("environment");
const wanted = (list) => (environment ? list.filter((each) => each.environment === environment) : list);
const pages = Array.isArray(whole)
  ? inPages(wanted(whole))
  : Array.isArray(whole.jobs)
    ? inPages(whole.jobs).map((jobs) => ({ total_count: whole.jobs.length, jobs }))
    : [whole];
const text = (args.includes("--paginate") ? pages : pages.slice(0, 1)).map((page) => JSON.stringify(page)).join("");
const filter = option("--jq") ?? option("-q");
process.stdout.write(filter ? execFileSync("jq", ["-rc", filter], { input: text }) : text);
