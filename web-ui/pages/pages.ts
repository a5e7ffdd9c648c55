import type { LoadPage } from '../parts/lazy.tsx'
import { needWords } from '../words/language.ts'
import type { Theme } from '../words/languages.ts'

/** A page with the words that it says beside those of the frame, loaded at the same time. */
const page =
  (themes: readonly Theme[], load: LoadPage): LoadPage =>
  async () => {
    const [Page] = await Promise.all([load(), needWords(themes)])
    return Page
  }

/** Every page, each a file of its own that is loaded when it is first shown. */
export const pages: {
  readonly claim: LoadPage
  readonly signIn: LoadPage
  readonly pass: LoadPage
  readonly nowhere: LoadPage
  /** Of one that has a name, beside the list of all. */
  readonly device: LoadPage
  readonly signedIn: Readonly<Record<string, LoadPage>>
} = {
  claim: page(['sign-in'], async () => (await import('./claim.tsx')).Claim),
  signIn: page(['sign-in'], async () => (await import('./sign-in.tsx')).SignIn),
  pass: page(['sign-in'], async () => (await import('./pass.tsx')).Pass),
  nowhere: page([], async () => (await import('./nowhere.tsx')).Nowhere),
  device: page(['devices', 'live', 'verdicts'], async () => (await import('./device.tsx')).Device),
  /** By the first part of the place. */
  signedIn: {
    home: page(['home', 'verdicts'], async () => (await import('./home.tsx')).Home),
    d: page(['devices'], async () => (await import('./device-login.tsx')).DeviceByLogin),
    devices: page(['devices', 'live', 'verdicts'], async () => (await import('./devices.tsx')).Devices),
    live: page(['live', 'verdicts'], async () => (await import('./live.tsx')).Live),
    queue: page(['queue', 'verdicts'], async () => (await import('./queue.tsx')).Queue),
    recovery: page(['sign-in'], async () => (await import('./recovery.tsx')).Recovery),
    wizard: page(['wizard'], async () => (await import('./wizard.tsx')).Wizard),
    more: page(['more', 'sign-in'], async () => (await import('./more.tsx')).More),
    account: page(['more', 'people', 'sign-in'], async () => (await import('./account.tsx')).Account),
    alerts: page(['more'], async () => (await import('./alerts.tsx')).Alerts),
    audit: page(['more', 'papers'], async () => (await import('./audit.tsx')).Audit),
    backup: page(['more', 'people'], async () => (await import('./backup.tsx')).Backup),
    calendar: page(['more'], async () => (await import('./calendar.tsx')).Calendar),
    certificates: page(['more'], async () => (await import('./certificates.tsx')).Certificates),
    diagnosis: page(['health', 'more'], async () => (await import('./diagnosis.tsx')).Diagnosis),
    fleet: page(['fleet', 'more'], async () => (await import('./fleet.tsx')).Fleet),
    health: page(['health', 'more'], async () => (await import('./health.tsx')).Health),
    network: page(['more', 'network'], async () => (await import('./network.tsx')).Network),
    operators: page(['more', 'people'], async () => (await import('./operators.tsx')).Operators),
    quotas: page(['more'], async () => (await import('./quotas.tsx')).Quotas),
    reports: page(
      ['health', 'more', 'papers', 'people', 'upstreams'],
      async () => (await import('./reports.tsx')).Reports,
    ),
    settings: page(['health', 'more', 'settings'], async () => (await import('./settings.tsx')).Settings),
    setup: page(['health', 'more', 'papers', 'settings'], async () => (await import('./setup.tsx')).Setup),
    tokens: page(['more', 'people'], async () => (await import('./tokens.tsx')).Tokens),
    update: page(['more', 'update'], async () => (await import('./update.tsx')).Update),
    upstreams: page(
      ['health', 'more', 'settings', 'upstreams', 'wizard'],
      async () => (await import('./upstreams.tsx')).Upstreams,
    ),
  },
}
