#!/usr/bin/env node
import { complaintAboutNode } from './node.version.js';

const complaint = complaintAboutNode(process.versions.node);
if (complaint === undefined) void import('./sandbox.program.js');
else {
  process.stderr.write(complaint);
  process.exitCode = 1;
}
