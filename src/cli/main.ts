import { complaintAboutNode } from '../kernel/node.version.js';

async function main(): Promise<void> {
  await import('reflect-metadata');
  const { runCli } = await import('./cli.program.js');
  const { sessionsFrom } = await import('./cli.session.js');
  const terminal = {
    out: (text: string) => void process.stdout.write(text),
    err: (text: string) => void process.stderr.write(text),
  };
  // Set, not forced: what was written must still reach a pipe.
  process.exitCode = await runCli(process.argv.slice(2), sessionsFrom(terminal.err), terminal);
}

const complaint = complaintAboutNode(process.versions.node);
if (complaint === undefined) void main();
else {
  process.stderr.write(complaint);
  process.exitCode = 1;
}
