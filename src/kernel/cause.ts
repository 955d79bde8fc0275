/** Where a change came from, for the audit log: `webhook:evt_…`, `api:shop`, `janitor`. */
export type Cause = string;

export const JANITOR: Cause = 'janitor';
