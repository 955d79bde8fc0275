import { complaintAboutNode } from 'payments-sandbox/node.version.js';

const complaint = complaintAboutNode(process.versions.node);
if (complaint === undefined) void import('./demo.program.js');
else {
  process.stderr.write(complaint);
  process.exitCode = 1;
}
