import { type Kept, short } from './report.js';

const ROW = 30;
const TOP = 64;
const LEFT = 430;
const WIDTH = 1_100;
/** Decades on both sides of the target. */
const DECADES = 2;

const STYLE = `
    .paper { fill: #ffffff; stroke: #d0d7de; }
    .met { fill: #ddf4ff; stroke: #0969da; }
    .missed { fill: #fff8c5; stroke: #9a6700; }
    .name { fill: #1f2328; }
    .note { fill: #57606a; font-size: 12px; }
    .line { stroke: #57606a; stroke-width: 1.6; }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117; stroke: #30363d; }
      .met { fill: #0c2d6b; stroke: #58a6ff; }
      .missed { fill: #3b2e06; stroke: #d29922; }
      .name { fill: #e6edf3; }
      .note { fill: #9da7b3; }
      .line { stroke: #9da7b3; }
    }`;

/** Each figure that has a target, as a bar from it: to the right is better, a decade is a factor of ten. */
export function chart(all: readonly Kept[]): string {
  const rows = all.flatMap(({ scenario, figures }) =>
    figures.flatMap(({ name, median, unit, target, met }) =>
      target === undefined || !Number.isFinite(median)
        ? []
        : [
            {
              name: `${scenario}: ${name}`,
              told: `${short(median)} ${unit} (${target.atLeast === undefined ? '≤' : '≥'} ${short(target.atLeast ?? target.atMost ?? 0)})`,
              // Above 1: better than asked for.
              good: target.atLeast === undefined ? (target.atMost ?? 0) / median : median / target.atLeast,
              met,
            },
          ],
    ),
  );
  const height = TOP + rows.length * ROW + 24;
  const middle = LEFT + (WIDTH - LEFT - 190) / 2;
  const decade = (WIDTH - LEFT - 190) / 2 / DECADES;
  const bars = rows.map(({ name, told, good, met }, at) => {
    const y = TOP + at * ROW;
    const reach = Math.max(-DECADES, Math.min(DECADES, Math.log10(good))) * decade;
    const x = Math.min(middle, middle + reach);
    return `  <text class="name" x="${LEFT - 10}" y="${y + 16}" text-anchor="end">${escaped(name)}</text>
  <rect class="${met === true ? 'met' : 'missed'}" x="${x.toFixed(1)}" y="${y + 3}" width="${Math.max(Math.abs(reach), 1).toFixed(1)}" height="${ROW - 10}" rx="3" />
  <text class="note" x="${WIDTH - 180}" y="${y + 16}">${escaped(told)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif" font-size="13">
  <title id="title">What was measured, against its targets</title>
  <desc id="desc">One bar for each figure with a target, from the target's line: to the right it is better than asked for, to the left worse, on a logarithmic scale. The figures are in the tables of performance.md.</desc>
  <style>${STYLE}
  </style>
  <rect class="paper" x="1" y="1" width="${WIDTH - 2}" height="${height - 2}" rx="10" />
  <text class="note" x="${middle}" y="26" text-anchor="middle">target</text>
  <text class="note" x="${middle - decade}" y="44" text-anchor="middle">ten times worse</text>
  <text class="note" x="${middle + decade}" y="44" text-anchor="middle">ten times better</text>
  <line class="line" x1="${middle}" y1="34" x2="${middle}" y2="${height - 16}" />
${bars.join('\n')}
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
