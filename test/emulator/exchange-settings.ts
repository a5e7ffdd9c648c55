// The tenant behind the emulated smtp.office365.com, as its administrator sets it up.

/** `New-ServicePrincipal -AppId … -ObjectId …`. */
export interface ServicePrincipal {
  readonly clientId: string
  /** As it was typed. It must be that of the Enterprise application; the registration's own is a common mistake. */
  readonly objectId: string
}

/** What a mailbox is stopped for after repeated errors
 * (https://learn.microsoft.com/exchange/mail-flow-best-practices/continuous-error-throttling-smtp-auth-submissions). */
export type ContinuousError =
  | 'mailbox full'
  | 'send as denied'
  | 'invalid license'
  | 'too many recipients'
  | 'invalid recipients'

export interface Mailbox {
  readonly address: string
  /** For AUTH LOGIN. */
  readonly password?: string
  /** `Set-CASMailbox -SmtpClientAuthenticationDisabled $true`. */
  isSmtpAuthDisabled?: boolean
  /** Client ids of apps: `Add-MailboxPermission -User … -AccessRights FullAccess`. */
  fullAccess?: readonly string[]
  /** Other addresses it may write as: `Add-RecipientPermission … -AccessRights SendAs`. */
  sendAs?: readonly string[]
  isFull?: boolean
  /** Stopped by the service, whatever it counted. */
  stoppedFor?: ContinuousError | undefined
}

export interface ExchangeSettings {
  /** Entra's tenant id. */
  readonly tenant: string
  /** `mailbox` is smtp.office365.com, `hve` smtp.hve.mx.microsoft. */
  readonly service: 'mailbox' | 'hve'
  acceptedDomains: readonly string[]
  servicePrincipals: readonly ServicePrincipal[]
  mailboxes: readonly Mailbox[]
  /** Application permission that a token needs. */
  permission: string
  basicAuthentication: 'allowed' | 'disabled' | 'security-defaults' | 'criteria'
  /** `Set-TransportConfig -SmtpClientAuthenticationDisabled $true`. */
  isSmtpAuthDisabled: boolean
  connectionsPerMailbox: number
  /** Excess is delayed, not refused. */
  messagesPerMinute: number
  recipientsPerDay: number
  /** So many errors of a kind within an hour stop the mailbox for `stoppedMs`. Microsoft does not tell its numbers. */
  errorsBeforeStop: number
  stoppedMs: number
  /** A whole reply for all mail of the tenant, such as 5.7.705. */
  tenantBlock: string | undefined
  /** How the delay of messages above the rate is waited for. */
  delay: (ms: number) => Promise<void>
}

/** Why a sign-in was refused, which the service itself does not tell its client. */
export interface SignInRefusal {
  readonly connectionId: number
  readonly user: string
  readonly reason: string
}
