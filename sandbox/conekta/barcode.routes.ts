import type { FastifyInstance } from 'fastify';

/** Interleaved 2 of 5: which of a digit's five elements are wide. */
const WIDE: Record<string, string> = {
  '0': '00110',
  '1': '10001',
  '2': '01001',
  '3': '11000',
  '4': '00101',
  '5': '10100',
  '6': '01100',
  '7': '00011',
  '8': '10010',
  '9': '01010',
};
const NARROW_WIDTH = 2;
const WIDE_WIDTH = 5;
const HEIGHT = 80;
const QUIET_ZONE = 20;

/** Draws references as the barcodes that a shop's scanner reads. */
export function serveBarcodes(server: FastifyInstance): void {
  server.get<{ Params: { file: string } }>('/barcodes/:file', async (request, reply) => {
    const reference = /^((?:\d\d){1,20})\.svg$/.exec(request.params.file)?.[1];
    if (reference === undefined) return reply.code(404).type('text/plain').send('no such barcode');
    return reply.type('image/svg+xml').header('cache-control', 'max-age=3600').send(barcodeSvg(reference));
  });
}

/** @param reference an even number of digits, since each pair of them shares its bars and gaps */
export function barcodeSvg(reference: string): string {
  let x = QUIET_ZONE;
  const bars: string[] = [];
  for (const [index, width] of widthsOf(reference).entries()) {
    if (index % 2 === 0) bars.push(`M${x} 0h${width}v${HEIGHT}h-${width}z`);
    x += width;
  }
  const total = x + QUIET_ZONE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total} ${HEIGHT}" width="${total}" height="${HEIGHT}">`,
    `<title>${reference}</title>`,
    `<rect width="${total}" height="${HEIGHT}" fill="#fff"/>`,
    `<path d="${bars.join('')}" fill="#000" shape-rendering="crispEdges"/></svg>`,
  ].join('');
}

/** Widths of bars and gaps in turn: start, then per pair the first digit's bars among the second's gaps, stop. */
function widthsOf(reference: string): number[] {
  const pairs = reference.match(/\d\d/g) ?? [];
  const elements = pairs.flatMap(([first = '', second = '']) => {
    const [bars = '', gaps = ''] = [WIDE[first], WIDE[second]];
    return [...bars].flatMap((bar, index) => [bar, gaps[index] ?? '0']);
  });
  return ['0', '0', '0', '0', ...elements, '1', '0', '0'].map((wide) =>
    wide === '1' ? WIDE_WIDTH : NARROW_WIDTH,
  );
}
