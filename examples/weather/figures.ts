/** What the example computes: days in, monthly figures out. No I/O. */
import { NonRetryableError } from '@signalbox/sdk';
import { z } from 'zod';

const COLUMNS = 'date,precipitation,temp_max,temp_min,wind,weather';

const daySchema = z.object({
  date: z.iso.date(),
  precipitation: z.coerce.number().min(0),
  temp_max: z.coerce.number().min(-60).max(60),
  temp_min: z.coerce.number().min(-60).max(60),
  wind: z.coerce.number().min(0),
  weather: z.enum(['drizzle', 'rain', 'sun', 'snow', 'fog']),
});
export type Day = z.infer<typeof daySchema>;

export interface Month {
  /** `2012-01` */
  readonly month: string;
  readonly days: readonly Day[];
}

export type Figures = {
  month: string;
  days: number;
  wet_days: number;
  rain_mm: number;
  max_c: number;
  min_c: number;
  mean_wind: number;
  mostly: string;
};

/** The days of a CSV. @throws NonRetryableError naming line and field: the same text will not get better. */
export function parseDays(csv: string): Day[] {
  const [header, ...lines] = csv.trim().split(/\r?\n/);
  if (header !== COLUMNS) throw new NonRetryableError(`line 1: expected the columns ${COLUMNS}, got ${header}`);
  const names = COLUMNS.split(',');
  return lines.map((line, i) => {
    const cells = line.split(',');
    const parsed = daySchema.safeParse(Object.fromEntries(names.map((name, column) => [name, cells[column]])));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new NonRetryableError(`line ${i + 2}: ${issue?.path.join('.')}: ${issue?.message} in ${line}`);
  });
}

/** The months of some years, in order of time. */
export function groupByMonth(days: readonly Day[], years: readonly number[]): Month[] {
  const wanted = days.filter((day) => years.includes(Number(day.date.slice(0, 4))));
  const months = Map.groupBy(wanted, (day) => day.date.slice(0, 7));
  return [...months].map(([month, inMonth]) => ({ month, days: inMonth })).sort((a, b) => (a.month < b.month ? -1 : 1));
}

/** @param threshold millimeters of rain from which a day counts as wet. */
export function figuresOf({ month, days }: Month, threshold: number): Figures {
  const byWeather = Map.groupBy(days, (day) => day.weather);
  const [mostly] = [...byWeather].sort((a, b) => b[1].length - a[1].length)[0] ?? ['unknown'];
  return {
    month,
    days: days.length,
    wet_days: days.filter((day) => day.precipitation >= threshold).length,
    rain_mm: round(sum(days, (day) => day.precipitation)),
    max_c: Math.max(...days.map((day) => day.temp_max)),
    min_c: Math.min(...days.map((day) => day.temp_min)),
    mean_wind: round(sum(days, (day) => day.wind) / days.length),
    mostly,
  };
}

/** A summary for people, in Markdown. */
export function summarize(figures: readonly Figures[], threshold: number): string {
  const wettest = figures.reduce((best, month) => (month.rain_mm > best.rain_mm ? month : best));
  const warmest = figures.reduce((best, month) => (month.max_c > best.max_c ? month : best));
  const coldest = figures.reduce((best, month) => (month.min_c < best.min_c ? month : best));
  return [
    `# Weather in Seattle, ${figures[0]?.month} to ${figures.at(-1)?.month}`,
    '',
    `- **${sum(figures, (month) => month.wet_days)}** of ${sum(figures, (month) => month.days)} days had ${threshold} mm of rain or more.`,
    `- Wettest month: **${wettest.month}** with ${wettest.rain_mm} mm.`,
    `- Warmest day: **${warmest.max_c} °C**, in ${warmest.month}. Coldest night: **${coldest.min_c} °C**, in ${coldest.month}.`,
  ].join('\n');
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
