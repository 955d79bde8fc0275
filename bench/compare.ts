export interface Contender {
  name: string;
  /** One run; resolves to its figure, where more is better. */
  run: () => Promise<number>;
}

export interface Comparison {
  first: number;
  second: number;
  /** Median of the pairwise ratios first / second. */
  ratio: number;
  lowest: number;
  highest: number;
}

/** Runs two contenders in turn, A B A B …, so that a machine that slows down slows both. The first pair warms up. */
export async function compare(first: Contender, second: Contender, pairs: number): Promise<Comparison> {
  const figures: [number, number][] = [];
  for (let pair = 0; pair <= pairs; pair += 1) {
    const figure: [number, number] = [await first.run(), await second.run()];
    if (pair > 0) figures.push(figure);
  }
  const ratios = figures.map(([a, b]) => a / b).sort((a, b) => a - b);
  return {
    first: median(figures.map(([a]) => a)),
    second: median(figures.map(([, b]) => b)),
    ratio: median(ratios),
    lowest: ratios[0] ?? 0,
    highest: ratios.at(-1) ?? 0,
  };
}

export function report(title: string, unit: string, names: [string, string], result: Comparison): void {
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const times = (value: number): string => `${value.toFixed(2)}×`;
  process.stdout.write(
    `${title}\n  ${names[0]}: ${whole(result.first)} ${unit}\n  ${names[1]}: ${whole(result.second)} ${unit}\n` +
      `  ratio: ${times(result.ratio)} (${times(result.lowest)} to ${times(result.highest)})\n\n`,
  );
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
