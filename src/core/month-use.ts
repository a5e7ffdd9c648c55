import type { UpstreamSetup } from './setup.ts'
import type { WallMs } from './time.ts'

/** What left by one way out for one device in a calendar month. */
export interface MonthUse {
  /** `2026-11`, in UTC as Azure bills. */
  readonly month: string
  readonly upstream: string
  /** Empty: the box's own mail. */
  readonly device: string
  /** Mails taken over; each part of a divided one counts. */
  readonly mails: number
  /** Copies: Azure charges each recipient. */
  readonly recipients: number
  /** Octets as spooled, once for each recipient. */
  readonly octets: number
  /** Deliveries that bounced or expired. */
  readonly failed: number
}

export const monthOf = (at: WallMs): string => new Date(at).toISOString().slice(0, 7)

export interface Cost {
  readonly amount: number
  readonly currency: string
}

/** Undefined where the setup document names no price. Prices are per recipient and per megabyte (10^6 octets). */
export function costOf(
  use: Pick<MonthUse, 'recipients' | 'octets'>,
  price: UpstreamSetup['price'],
): Cost | undefined {
  if (!price) return undefined
  const amount = use.recipients * price.perMessage + (use.octets / 1e6) * price.perMegabyte
  return { amount, currency: price.currency }
}

/** What all of it costs, one sum for each currency; rows of ways out without a price cost nothing known. */
export function costsOf(
  rows: readonly MonthUse[],
  upstreams: readonly Pick<UpstreamSetup, 'name' | 'price'>[],
): readonly Cost[] {
  const sums = new Map<string, number>()
  for (const row of rows) {
    const cost = costOf(row, upstreams.find(({ name }) => name === row.upstream)?.price)
    if (cost) sums.set(cost.currency, (sums.get(cost.currency) ?? 0) + cost.amount)
  }
  return [...sums].map(([currency, amount]) => ({ amount, currency }))
}

/** `3.10 USD`; smaller amounts to the last digit that is not noise. */
export const costText = ({ amount, currency }: Cost): string =>
  `${amount.toFixed(amount !== 0 && amount < 0.1 ? 4 : 2)} ${currency}`

type Sums = Pick<MonthUse, 'mails' | 'recipients' | 'octets' | 'failed'>

/** Sums of rows with the same `key`, in the order in which the keys come. */
export function sumUse<K extends string>(
  rows: readonly MonthUse[],
  key: (row: MonthUse) => K,
): ReadonlyMap<K, Sums> {
  const groups = Map.groupBy(rows, key)
  return new Map([...groups].map(([name, group]) => [name, sumOf(group)]))
}

const sumOf = (rows: readonly MonthUse[]): Sums => ({
  mails: rows.reduce((sum, { mails }) => sum + mails, 0),
  recipients: rows.reduce((sum, { recipients }) => sum + recipients, 0),
  octets: rows.reduce((sum, { octets }) => sum + octets, 0),
  failed: rows.reduce((sum, { failed }) => sum + failed, 0),
})
