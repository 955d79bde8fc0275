/**
 * Each program's only static import, written for old Nodes: they would answer anything newer with a SyntaxError.
 * @returns what to say before ending; undefined where Node is new enough (`engines` in package.json)
 */
export function complaintAboutNode(version: string): string | undefined {
  const [major, minor] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return 'Node ' + version + ' is too old for this program: it wants Node 20.19 or later.\n';
}
