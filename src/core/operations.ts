import type { AccessOperations } from './access-operations.ts'
import type { AlertChannel, ChannelAnswer, PastAlert, RaisedAlert } from './alerts.ts'
import type { AuditEntry, AuditFilter, AuditVerification, AuditWitness } from './audit.ts'
import type { BackupOperations } from './backup-operations.ts'
import type { CalendarEntry } from './calendar.ts'
import type { CureOperations } from './cure-operations.ts'
import type { DecommissionOperations } from './decommission-operations.ts'
import type { MailCounts, Suppression } from './delivery-report.ts'
import type { DevicePageOperations } from './device-operations.ts'
import type { DeviceHealth } from './device-view.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { EditTrouble } from './edits.ts'
import type { FleetOperations } from './fleet.ts'
import type { HomeOperations, QuotaBar, QuotaForecast } from './home.ts'
import type { DeviceTrait, OpenTakeOver, Sighting, TakeOverView, Whereabouts } from './learning.ts'
import type { MachineHealth } from './machine-health.ts'
import type { NetworkOperations } from './network-operations.ts'
import type { QueuePageOperations } from './queue-operations.ts'
import type { Rehearsal } from './rehearsal.ts'
import type { SetupPageOperations } from './setup-operations.ts'
import type { MessageView, QueueAction, QueueCounts, QueueRow, SessionRecord } from './spool.ts'
import type { WallMs } from './time.ts'
import type { IdentityOperations } from './twin.ts'
import type { UpdateOperations } from './update-operations.ts'

/** What a person or a script may do with a box: the commands' and the control socket's one interface. */
export interface Operations
  extends AccessOperations,
    BackupOperations,
    CureOperations,
    DecommissionOperations,
    FleetOperations,
    HomeOperations,
    IdentityOperations,
    DevicePageOperations,
    NetworkOperations,
    QueuePageOperations,
    SetupPageOperations,
    UpdateOperations {
  status(): Promise<StatusView>
  queue(options: { readonly all: boolean; readonly limit: number }): Promise<readonly QueueRow[]>
  /** `id` as typed: `7K` or `7K/3`. */
  message(id: string): Promise<MessageView | undefined>
  /** The content as it was spooled or, from the outbox, as it would have gone out; undefined if it is gone. A person is noted. */
  content(id: string, who?: string): Promise<AsyncIterable<Uint8Array> | undefined>
  /** `ID`, `ID/3` or `all`; how many deliveries changed. */
  act(action: QueueAction, selector: string, who: string): Promise<Done<{ readonly count: number }>>
  /** `isChanged` false: it was paused by hand already, or not paused at all. */
  pause(upstream: string, who: string): Promise<Done<{ readonly isChanged: boolean }>>
  resume(upstream: string, who: string): Promise<Done<{ readonly isChanged: boolean }>>
  sessions(limit: number): Promise<readonly SessionRecord[]>
  session(id: string): Promise<SessionRecord | undefined>

  applySetup(text: string, options: ApplyWish): Promise<ApplyResult>
  exportSetup(): Promise<string>
  /** Newest first. */
  audit(limit: number, filter?: AuditFilter): Promise<readonly AuditEntry[]>
  /** Whether nothing was changed or cut off since it was written; nightly copies are asked too, and `witnesses`. */
  verifyAudit(witnesses: readonly AuditWitness[]): Promise<AuditVerification>

  devices(): Promise<readonly DeviceView[]>
  addDevice(wish: DeviceWish, who: string): Promise<Done<DeviceCard>>
  /** What is known of a device: its settings, what it was seen to need, where it is. */
  device(
    name: string,
  ): Promise<
    Done<{ readonly device: DeviceView; readonly whereabouts: Whereabouts; readonly mail: DeviceMail }>
  >
  /** Looks for a device in the network, asking for its address once. */
  findDevice(name: string): Promise<Done<{ readonly whereabouts: Whereabouts }>>
  /** Unknown devices that were refused, or whose mail is held. */
  sightings(): Promise<readonly Sighting[]>
  /** Makes a device of a sighting; `released`: mails of it that were held. */
  adopt(wish: AdoptionWish, who: string): Promise<Done<DeviceCard & { readonly released: number }>>
  takeOver(): Promise<TakeOverView>
  /** Lets unknown devices of a subnet in for so long; their mail is held. */
  openTakeOver(subnet: string, forMs: number, who: string): Promise<Done<{ readonly leftMs: number }>>
  closeTakeOver(who: string): Promise<Done>
  removeDevice(name: string, who: string): Promise<Done>
  card(name: string): Promise<Done<DeviceCard>>
  rotateDevice(name: string, strong: boolean, who: string): Promise<Done<DeviceCard>>
  aliases(): Promise<readonly { readonly name: string; readonly to: readonly string[] }[]>
  addAlias(name: string, to: readonly string[], who: string): Promise<Done>
  removeAlias(name: string, who: string): Promise<Done>

  /** `fingerprint`: SHA-256 of the box's authority, to compare with what a browser shows; a running gateway tells it. */
  claim(): Promise<{ readonly code: string; readonly isClaimed: boolean; readonly fingerprint?: string }>

  /** Alerts that are active, and those that ended in the last 30 days. */
  alerts(): Promise<AlertsView>
  /** Sends a test alert by every channel; what each answered. */
  testAlert(who: string): Promise<Done<{ readonly answers: readonly ChannelTest[] }>>
  /** How the machine under the gateway is. */
  health(): Promise<MachineHealth>
  /** What ends, the nearest first. */
  calendar(): Promise<readonly CalendarEntry[]>

  /** Sends a real test message of the device the whole way; `message` tells how it goes on. */
  sendTest(device: string, to: string): Promise<Done<{ readonly message: string }>>
  /** Runs every diagnosis, within 20 s; connects to places of the setup only and sends no mail. */
  doctor(): Promise<Diagnosis>
  /** Sends a real test mail of the box by this way out alone; `message` tells how it goes on. */
  sendThrough(upstream: string, to: string): Promise<Done<{ readonly message: string }>>
  /** The paste that makes at Microsoft what the ways out need or, `isLost`, cuts this box off; of one upstream or of all. */
  azureScript(options: AzureScriptOptions): Promise<Done<{ readonly text: string }>>
  /** A request (PEM) for a certificate over the box's own key, to be signed by an authority: see `certificate_file`. */
  certificateRequest(upstream: string): Promise<Done<{ readonly pem: string }>>
  /** The public certificate (PEM) by which an upstream knows this box, or the next one: what is uploaded to Entra. */
  certificate(upstream: string): Promise<Done<{ readonly pem: string }>>
  /** Makes a certificate that takes the place of the client secret as soon as Entra takes it; `steps` say what to click. */
  replaceSecret(
    upstream: string,
    who: string,
  ): Promise<Done<{ readonly pem: string; readonly steps: readonly string[] }>>
  /** Makes the next certificate (`pem`) now, whatever the age of the present one; the box registers it by itself. */
  renewCertificate(upstream: string, who: string): Promise<Done<{ readonly pem: string }>>
  /** Gives the next certificate up, while it is not registered. */
  cancelCertificate(upstream: string, who: string): Promise<Done>
  /** One text for somebody who helps: no secret, no mail, no address of a person. */
  supportBundle(): Promise<{ readonly text: string }>
  forget(address: string, who: string): Promise<Done<{ readonly count: number }>>

  /** What this way out would have refused of the last 30 days. */
  rehearse(upstream: string): Promise<Done<{ readonly rehearsal: Rehearsal }>>
  /** `month`: as `2026-11`, else the present one; `upstream`: of `quota`, else the first of Azure. */
  report(
    kind: ReportKind,
    options: { readonly month: string | undefined; readonly upstream: string | undefined },
  ): Promise<Done<Report>>
}

export const reportKinds = ['firewall', 'quota', 'month', 'security'] as const
export type ReportKind = (typeof reportKinds)[number]

/** A text for other people, and what it is made of. */
export interface Report {
  readonly text: string
  readonly data: object
}

export interface AzureScriptOptions {
  readonly upstream: string | undefined
  readonly isLost: boolean
}

export interface Refused {
  readonly kind: 'refused'
  readonly reason: string
  /** What was asked for is wrong in itself and nothing was changed; else the box is not in a state for it. */
  readonly isWrongInput?: boolean
  /** Of an edit: what a page shows beside the fields, or why it has to be loaded anew. */
  readonly trouble?: EditTrouble
}

/** An operation that may be refused with a sentence for the person who asked. */
export type Done<T = object> = ({ readonly kind: 'done' } & T) | Refused

export interface Remark {
  readonly severity: 'error' | 'warning' | 'notice'
  /** `device 2 "Front desk": username`, or `line 3, column 7`. */
  readonly place: string
  readonly sentence: string
}

export type ApplyResult =
  | {
      readonly kind: 'applied'
      readonly changes: readonly string[]
      readonly remarks: readonly Remark[]
      readonly revision: number
    }
  /** `--check`: it could be applied and would change this. */
  | { readonly kind: 'valid'; readonly changes: readonly string[]; readonly remarks: readonly Remark[] }
  | { readonly kind: 'invalid'; readonly remarks: readonly Remark[] }

export interface ApplyWish {
  readonly check: boolean
  readonly who: string
  /** Refused where operators would be left without an administrator; with this: also where nobody would. */
  readonly keepsAdministrator?: boolean
  /** Refuses a document that makes, changes or removes operators: a token makes no way in. */
  readonly keepsOperators?: boolean
}

export interface DeviceWish {
  readonly name: string
  readonly addresses: readonly string[]
  readonly sender: string | undefined
  readonly owner: string | undefined
  readonly allowedRecipients: readonly string[]
  /** 16 letters and digits instead of digits. */
  readonly strong: boolean
  /** No password: known by its addresses alone. */
  readonly passwordless: boolean
}

/** What to type at a device's panel: as lines for a person, and the account by itself for a script. */
export interface DeviceCard {
  readonly card: readonly string[]
  /** Both absent where the device signs in by its address alone. */
  readonly username?: string
  readonly password?: string
  /** There is a password from before a reset, which nobody is shown. */
  readonly isFromBefore?: boolean
  /** The rest of the card for who lays it out anew; absent from an adoption. */
  readonly place?: CardPlace
}

/** Where a device reaches the box. */
export interface CardPlace {
  /** An address of the box; its name where it has none. */
  readonly server: string
  /** What it answers to in the local network (`branch-07.local`); absent: to no name. */
  readonly localName?: string
  /** Of SMTP; `port` 0: chosen at start. */
  readonly ports: readonly { readonly port: number; readonly security: string }[]
  readonly sender: string | undefined
}

export interface DeviceView {
  readonly name: string
  readonly username: string | undefined
  readonly addresses: readonly string[]
  readonly sender: string | undefined
  readonly owner: string | undefined
  /** Empty: anyone. */
  readonly allowedRecipients: readonly string[]
  readonly enabled: boolean
  readonly hasPassword: boolean
  /** What it was seen to need; undefined: it was not here in the last 30 days. */
  readonly seen: DeviceTrait | undefined
  /** In words, what of that is weak: empty where nothing is. */
  readonly weak: string
  readonly health: DeviceHealth
  /** When its last mail came; undefined: none within the history. */
  readonly lastMail: WallMs | undefined
}

/** What became of a device's mail. Zeros: it sent none. */
export interface DeviceMail {
  readonly lastDay: Omit<MailCounts, 'device'>
  /** As long as the history is kept, at most 30 days. */
  readonly lastMonth: Omit<MailCounts, 'device'>
  /** Recipients whom the service holds back, the latest first. */
  readonly suppressed: readonly Omit<Suppression, 'device'>[]
}

export interface AdoptionWish {
  readonly address: string
  /** Undefined: `Device at ADDRESS`. */
  readonly name: string | undefined
  /** Its hardware address has to agree from now on. */
  readonly pinMac: boolean
  /** Known by its address alone, though it tried to sign in. */
  readonly passwordless: boolean
  /** Old encryption that it may use until the day, as the setup document writes both. */
  readonly weak?: { readonly tls: 'legacy' | 'vintage'; readonly until: string }
  /** Undefined: anyone. */
  readonly allowedRecipients?: readonly string[]
}

export interface AlertsView {
  readonly active: readonly RaisedAlert[]
  /** The latest first. */
  readonly past: readonly PastAlert[]
}

/** What a channel answered to a test; `message`: the mail, which goes its way from here. */
export interface ChannelTest {
  readonly channel: AlertChannel
  readonly answer: ChannelAnswer
  readonly message?: string
}

export interface ListenerView {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly security: string
  /** `smtp` or `pop3`. */
  readonly protocol: string
  /** Empty, or why it does not accept. */
  readonly trouble: string
}

export interface StatusView {
  readonly version: string
  readonly name: string
  /** What it answers to in the local network (`branch-07.local`); absent: to no name. */
  readonly localName?: string
  readonly running: boolean
  readonly since: WallMs | undefined
  readonly clock: { readonly wall: WallMs; readonly believable: boolean }
  readonly console: string
  readonly listeners: readonly ListenerView[]
  readonly upstreams: readonly UpstreamView[]
  readonly queue: QueueCounts
  readonly disk: { readonly writable: boolean; readonly freeBytes: number; readonly detail: string }
  readonly alerts: readonly RaisedAlert[]
  readonly vault: 'open' | 'locked'
  readonly takeOver: OpenTakeOver | undefined
  readonly revision: number
}

export interface UpstreamView {
  readonly name: string
  readonly kind: string
  readonly state: string
  readonly reason: string
  readonly remedy: string
  readonly inFlight: number
  readonly waiting: number
  readonly nextTryInMs: number | undefined
  /** Paused by hand: it stays so until somebody resumes it. */
  readonly byOperator: boolean
  readonly quota: readonly (QuotaBar & { readonly window: string })[]
  readonly forecast: QuotaForecast
}

/** What `GET /`, `/healthz`, `/readyz` and `/metrics` need besides. */
export interface Vitals {
  ready(): Promise<{ readonly ready: boolean; readonly reason: string }>
  /** Prometheus text exposition format 0.0.4. */
  metrics(): Promise<string>
}
