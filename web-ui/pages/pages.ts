import type { LoadPage } from '../parts/lazy.tsx'

/** Every page, each a file of its own that is loaded when it is first shown. */
export const pages: {
  readonly claim: LoadPage
  readonly signIn: LoadPage
  readonly pass: LoadPage
  readonly nowhere: LoadPage
  readonly signedIn: Readonly<Record<string, LoadPage>>
} = {
  claim: async () => (await import('./claim.tsx')).Claim,
  signIn: async () => (await import('./sign-in.tsx')).SignIn,
  pass: async () => (await import('./pass.tsx')).Pass,
  nowhere: async () => (await import('./nowhere.tsx')).Nowhere,
  /** By the first part of the place. */
  signedIn: {
    home: async () => (await import('./home.tsx')).Home,
    d: async () => (await import('./device-login.tsx')).DeviceByLogin,
    devices: async () => (await import('./devices.tsx')).Devices,
    live: async () => (await import('./live.tsx')).Live,
    queue: async () => (await import('./queue.tsx')).Queue,
    recovery: async () => (await import('./recovery.tsx')).Recovery,
    wizard: async () => (await import('./wizard.tsx')).Wizard,
    more: async () => (await import('./more.tsx')).More,
    account: async () => (await import('./account.tsx')).Account,
    alerts: async () => (await import('./alerts.tsx')).Alerts,
    audit: async () => (await import('./audit.tsx')).Audit,
    backup: async () => (await import('./backup.tsx')).Backup,
    calendar: async () => (await import('./calendar.tsx')).Calendar,
    certificates: async () => (await import('./certificates.tsx')).Certificates,
    diagnosis: async () => (await import('./diagnosis.tsx')).Diagnosis,
    health: async () => (await import('./health.tsx')).Health,
    operators: async () => (await import('./operators.tsx')).Operators,
    quotas: async () => (await import('./quotas.tsx')).Quotas,
    reports: async () => (await import('./reports.tsx')).Reports,
    settings: async () => (await import('./settings.tsx')).Settings,
    setup: async () => (await import('./setup.tsx')).Setup,
    tokens: async () => (await import('./tokens.tsx')).Tokens,
    upstreams: async () => (await import('./upstreams.tsx')).Upstreams,
  },
}
