/**
 * Each program's first import, and the only static one: whatever else it loads is read by Node before a line of it
 * runs, and an old Node would answer with a SyntaxError. So this file is written for old ones.
 * @returns what to say before ending, in one line; undefined where Node is new enough (`engines` in package.json)
 * The service has a file like it: nothing of `src` outside this folder is here in an image of the stand-ins.
 */
export function complaintAboutNode(version: string): string | undefined {
  const [major, minor] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return 'Node ' + version + ' is too old for this program: it wants Node 20.19 or later.\n';
}
