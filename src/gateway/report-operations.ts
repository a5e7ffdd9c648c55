import type { Clock } from '../core/clock.ts'
import { type Destination, destinationsOf } from '../core/destinations.ts'
import { costsOf, type MonthUse, monthOf, sumUse } from '../core/month-use.ts'
import type { Done, Operations, Report, ReportKind } from '../core/operations.ts'
import { type Rehearsal, Rehearsing } from '../core/rehearsal.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import type { Spool } from '../core/spool.ts'
import { day, wallMs } from '../core/time.ts'
import type { MonthLine } from '../papers/month-report.ts'
import { noUpstream } from './no-upstream.ts'

interface ReportParts {
  readonly setup: () => Setup
  readonly retired: () => readonly UpstreamSetup[]
  readonly spool: Pick<Spool, 'history' | 'monthUse'>
  readonly clock: Clock
  /** Asks nearly everything that can be asked of a box. */
  readonly security: () => Promise<Done<Report>>
}

/** `rehearse` and `report` look this far back, or as far as the history reaches. */
const rehearsedMs = 30 * day

/** Looks back at what was sent; changes nothing. */
export function reportOperations(parts: ReportParts): Pick<Operations, 'rehearse' | 'report'> {
  return {
    rehearse: async (name) => {
      const upstream = parts.setup().upstreams.find((each) => each.name === name)
      if (!upstream) return noUpstream(name)
      return { kind: 'done', rehearsal: await rehearse(upstream, parts) }
    },
    report: (kind, options) => report(kind, options, parts),
  }
}

async function rehearse(upstream: UpstreamSetup, { setup, spool, clock }: ReportParts): Promise<Rehearsal> {
  const until = clock.wall()
  const since = wallMs(until - rehearsedMs)
  const rehearsing = new Rehearsing(setup(), upstream)
  // Page by page: what is done for others gets in between.
  for await (const mails of spool.history(since)) for (const mail of mails) rehearsing.add(mail)
  return rehearsing.result(since, until)
}

async function report(
  kind: ReportKind,
  options: { readonly month: string | undefined; readonly upstream: string | undefined },
  parts: ReportParts,
): Promise<Done<Report>> {
  switch (kind) {
    case 'firewall':
      return firewall(parts.setup(), parts.retired())
    case 'month':
      return month(options.month, parts)
    case 'quota':
      return quota(options.upstream, parts)
    case 'security':
      return parts.security()
  }
}

async function firewall(setup: Setup, retired: readonly UpstreamSetup[]): Promise<Done<Report>> {
  const { firewallList } = await import('../papers/firewall-list.ts')
  const destinations = destinationsOf(setup, retired)
  const entrances = [
    ...setup.listeners.map(({ name, address, port, protocol }) => ({
      what: `${protocol === 'pop3' ? 'sign-in by POP3' : 'mail of devices'} ("${name}")`,
      address,
      port,
    })),
    { what: 'console', address: setup.console.address, port: setup.console.port },
  ]
  const facts = { box: setup.gateway.name, destinations, later: dialledLater(setup), entrances }
  return { kind: 'done', text: firewallList(facts), data: facts }
}

/** What ways out need that are set up and switched off: a firewall takes days, switching on a second. */
const dialledLater = (setup: Setup): readonly Destination[] =>
  destinationsOf({
    ...setup,
    upstreams: setup.upstreams.filter(({ enabled }) => !enabled).map((off) => ({ ...off, enabled: true })),
  }).filter(({ upstream }) => upstream !== undefined)

async function month(
  wished: string | undefined,
  { setup, spool, clock }: ReportParts,
): Promise<Done<Report>> {
  const present = monthOf(clock.wall())
  const name = wished ?? present
  const { gateway, upstreams } = setup()
  const rows = (await spool.monthUse(name)).filter((row) => row.month === name)
  const facts = {
    box: gateway.name,
    month: name,
    isRunning: name === present,
    upstreams: linesBy(rows, upstreams, (row) => row.upstream),
    devices: linesBy(rows, upstreams, (row) => (row.device === '' ? '(the box itself)' : row.device)),
  }
  const { monthReport } = await import('../papers/month-report.ts')
  return { kind: 'done', text: monthReport(facts), data: facts }
}

function linesBy(
  rows: readonly MonthUse[],
  upstreams: readonly UpstreamSetup[],
  key: (row: MonthUse) => string,
): readonly MonthLine[] {
  return [...sumUse(rows, key)].map(([name, sums]) => {
    const [cost, ...others] = costsOf(
      rows.filter((row) => key(row) === name),
      upstreams,
    )
    // Sums of several currencies are none.
    return { name, ...sums, cost: others.length === 0 ? cost : undefined }
  })
}

async function quota(wished: string | undefined, parts: ReportParts): Promise<Done<Report>> {
  const setup = parts.setup()
  const azure = setup.upstreams.filter(({ kind }) => kind === 'acs-email' || kind === 'acs-smtp')
  const upstream = wished === undefined ? azure[0] : setup.upstreams.find(({ name }) => name === wished)
  if (!upstream && wished !== undefined) return noUpstream(wished)
  if (!upstream || !azure.includes(upstream))
    return {
      kind: 'refused',
      reason: 'only acs-email and acs-smtp have a sending limit that Microsoft raises on request',
    }
  const rehearsal = await rehearse(upstream, parts)
  const facts = {
    box: setup.gateway.name,
    upstream: upstream.name,
    service: upstream.endpoint === '' ? upstream.host : upstream.endpoint,
    senders: [...new Set([...(upstream.sender ? [upstream.sender] : []), ...upstream.senders])],
    contact: setup.gateway.postmaster ?? '',
    devices: setup.devices.filter(({ enabled }) => enabled).length,
    quota: upstream.quota,
    days: rehearsedMs / day,
    rehearsal,
  }
  const { quotaTicket } = await import('../papers/quota-ticket.ts')
  return { kind: 'done', text: quotaTicket(facts), data: facts }
}
