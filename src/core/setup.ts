import type { Address } from './address.ts'
import type { Priority } from './message.ts'
import type { SecretName } from './secret.ts'

/** The setup document (contract section 4) as one value: durations in ms, sizes in octets, secrets by name only. */
export interface Setup {
  readonly gateway: GatewaySetup
  readonly limits: LimitsSetup
  readonly history: HistorySetup
  readonly console: ConsoleSetup
  readonly operators: readonly OperatorSetup[]
  readonly listeners: readonly ListenerSetup[]
  readonly aliases: readonly AliasSetup[]
  readonly devices: readonly DeviceSetup[]
  readonly upstreams: readonly UpstreamSetup[]
  readonly largeFiles: {
    readonly account: string
    readonly container: string
    readonly linkLifetimeMs: number
  }
  readonly alerts: AlertsSetup
  readonly backups: readonly BackupTargetSetup[]
  readonly update?: UpdateSetup | undefined
  /** Undefined: `[fleet]` says nothing. */
  readonly fleet?: FleetSetup | undefined
}

export interface FleetSetup {
  /** https:// or a share (`//host/share/folder`); empty: nothing is pulled. */
  readonly url: string
  /** `ed25519:…`: one of them has to have signed. */
  readonly publicKeys: readonly string[]
  /** Takes what is new at once, and the others wait for it. */
  readonly canary: boolean
  readonly everyMs: number
  /** Of the share, or of HTTP Basic; empty: none. */
  readonly username: string
  readonly password: SecretName | undefined
  /** Extra trust for `url` and `statusUrl`. */
  readonly caFile: string
  /** Empty: nobody is told how the box is. */
  readonly statusUrl: string
  /** Other boxes that this one lists. */
  readonly boxes: readonly FleetBoxSetup[]
}

export interface FleetBoxSetup {
  readonly name: string
  /** `host` or `host:port` of its console. */
  readonly address: string
  /** SHA-256 of its authority. */
  readonly fingerprint: string
  readonly token: SecretName
}

export interface UpdateSetup {
  /** Of the index that names the newest bundle; empty: nobody looks. */
  readonly url: string
  /** See `parseTimeWindow`. */
  readonly window: string
  /** Fetches and installs what is newer by itself. */
  readonly automatic: boolean
  /** Extra trust. */
  readonly caFile: string
}

/** `usb`: a stick in the box. */
export type BackupTargetKind = 'https' | 'smb' | 'usb'

/** Where nightly copies go besides the data directory. */
export interface BackupTargetSetup {
  readonly name: string
  readonly kind: BackupTargetKind
  readonly enabled: boolean
  /** https: a folder, to which the file's name is added; without its query. */
  readonly url: string
  /** https: how it says who it is; `sas`: the secret is the query of the URL. */
  readonly auth: 'none' | 'basic' | 'bearer' | 'sas'
  /** smb: `//host[:port]/share[/folder]`. */
  readonly share: string
  readonly username: string
  /** Undefined: there is none. */
  readonly secret: SecretName | undefined
  readonly caFile: string
  /** Copies. */
  readonly keep: number
}

export interface AlertsSetup {
  /** https://, or http:// to a private address; empty: none. */
  readonly webhook: string
  /** See `parseSyslogTarget`; empty: none. */
  readonly syslog: string
  /** Extra trust for both. */
  readonly caFile: string
  readonly weeklyLetter: boolean
}

export type TlsFloor = 'modern' | 'legacy' | 'vintage'

export interface GatewaySetup {
  readonly name: string
  /** EHLO towards upstreams, Received. Defaults to `NAME.local`. */
  readonly hostname: string
  readonly postmaster: Address | undefined
  readonly sender: Address | undefined
  readonly defaultDomain: string
  readonly language: string
  readonly timezone: string
  readonly queueLifetimeMs: number
  readonly maxMessageSize: number
  readonly weakestTls: TlsFloor
  /** Addresses, CIDR blocks, or `attached` (the box's own networks). */
  readonly trustedNetworks: readonly string[]
  readonly proxy: string
}

export interface LimitsSetup {
  readonly connections: number
  readonly connectionsPerAddress: number
  readonly recipients: number
  readonly memory: number
}

export interface HistorySetup {
  readonly keepMs: number
  readonly keepTranscriptsMs: number
  readonly keepAuditMs: number
  readonly keepSubjects: boolean
}

export interface ConsoleSetup {
  readonly address: string
  readonly port: number
  readonly tls: 'off' | 'self-signed' | 'file'
  readonly certificateFile: string
  readonly networks: readonly string[]
  readonly secondFactor: 'optional' | 'administrators' | 'all'
  readonly physicalReset: boolean
}

/** A role that stands earlier includes the later ones. */
export const operatorRoles = ['administrator', 'technician', 'viewer'] as const
export type OperatorRole = (typeof operatorRoles)[number]

/** The one of two roles that may less. */
export const narrower = (one: OperatorRole, other: OperatorRole): OperatorRole =>
  operatorRoles.indexOf(one) > operatorRoles.indexOf(other) ? one : other

export interface OperatorSetup {
  readonly name: string
  readonly role: OperatorRole
  readonly passwordHash: string
}

export interface ListenerSetup {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly security: 'plain' | 'starttls' | 'implicit'
  readonly tls: TlsFloor
  readonly protocol: 'smtp' | 'pop3'
}

export interface AliasSetup {
  readonly name: string
  readonly to: readonly Address[]
}

export type AuthMechanism = 'LOGIN' | 'PLAIN' | 'CRAM-MD5'

export interface DeviceSetup {
  readonly name: string
  readonly username: string | undefined
  readonly password: SecretName | undefined
  readonly alsoKnownAs: readonly string[]
  readonly addresses: readonly string[]
  readonly mac: string
  readonly sender: Address | undefined
  readonly senderName: string
  readonly keepSender: 'reply-to' | 'never' | 'when-allowed'
  readonly subjectPrefix: string
  /** Patterns; empty means anyone. */
  readonly allowedRecipients: readonly string[]
  readonly maxPerHour: number
  /** More than `maxPerHour` up to the end of that day (`2026-11-29`) of the gateway's time zone; 0 and empty: not raised. */
  readonly raisedPerHour: number
  readonly raisedUntil: string
  readonly priority: Priority
  readonly owner: Address | undefined
  readonly route: readonly string[] | undefined
  /** Undefined: the listener's. */
  readonly tls: TlsFloor | 'plain' | undefined
  readonly requireTls: boolean
  readonly weakUntil: string
  readonly certificate: 'auto' | 'sha1' | 'sha1-1024'
  readonly auth: readonly AuthMechanism[]
  readonly charset: string
  readonly dataEnd: 'crlf' | 'lf'
  readonly enabled: boolean
}

export type UpstreamKind =
  | 'outbox'
  | 'acs-email'
  | 'acs-smtp'
  | 'exchange-smtp'
  | 'exchange-hve'
  | 'exchange-direct'
  | 'exchange-connector'
  | 'graph'
  | 'smarthost'

/** Amounts within rolling windows; undefined means no limit. */
export interface Quota {
  readonly perMinute?: number
  readonly perHour?: number
  readonly perDay?: number
  readonly recipientsPerDay?: number
  readonly externalPerDay?: number
  /** Status queries, where the service can be asked. */
  readonly queriesPerMinute?: number
  readonly queriesPerHour?: number
}

export type CredentialSetup =
  | { readonly kind: 'none' }
  | { readonly kind: 'access-key'; readonly keys: readonly SecretName[]; readonly expires?: string }
  | {
      readonly kind: 'client-secret'
      readonly tenantId: string
      readonly clientId: string
      /** Of the app registration; undefined: not told. */
      readonly objectId?: string
      readonly secrets: readonly SecretName[]
      readonly expires: string
    }
  /** `certificateFile` empty: the box makes key and certificate. */
  | {
      readonly kind: 'client-certificate'
      readonly tenantId: string
      readonly clientId: string
      /** Of the app registration; undefined: not told. */
      readonly objectId?: string
      readonly certificateFile: string
      readonly expires: string
    }
  | {
      readonly kind: 'password'
      readonly username: string
      readonly password: SecretName
      readonly expires: string
    }

export interface UpstreamSetup {
  readonly name: string
  readonly kind: UpstreamKind
  readonly enabled: boolean
  /** `acs-email` and `graph`: an https URL without a trailing slash; else empty. */
  readonly endpoint: string
  readonly authority: string
  /** SMTP kinds; else empty and 0. */
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'implicit' | 'plain'
  readonly username: string
  /** Patterns of what it accepts as From; empty means anything. */
  readonly senders: readonly string[]
  /** Used when the device's sender is not among them. */
  readonly sender: Address | undefined
  /** This box's share already applied. */
  readonly quota: Quota
  /** Status queries of `acs-email`, likewise. */
  readonly connections: number
  readonly maxMessageSize: number | undefined
  readonly acceptedDomains: readonly string[]
  readonly licences: number
  readonly price:
    | { readonly perMessage: number; readonly perMegabyte: number; readonly currency: string }
    | undefined
  readonly caFile: string
  readonly reportsQueue: string
  readonly credential: CredentialSetup
}
