/** `application/json; charset=utf-8` → `application/json` */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Whether an Accept header lets an answer of this type through. */
export function takes(accept: string, type: string): boolean {
  const ranges = accept.split(',').map((range) => mediaTypeOf(range));
  return ranges.some((range) => range === type || range === '*/*' || range === `${type.split('/')[0]}/*`);
}
