import type { Outcome, PauseReason } from '../core/outcome.ts'

export type PauseCode = keyof typeof pauseSentences

interface Sentence {
  readonly reason: string
  readonly remedy: string
  /** Asking again makes it worse. */
  readonly isHarmedByProbes?: true
}

const newSecret =
  'Make a new client secret under "Certificates & secrets" of the app registration and enter its value here.'

/** Everything that stops a way out or one sender on it, in the words of a technician. */
export const pauseSentences = {
  'access-denied': {
    reason: 'The service refuses our credential.',
    remedy:
      'With an access key: copy the current key from the Communication Services resource. With an app: give it the role "Communication and Email Service Owner" on that resource.',
  },
  'key-missing': {
    reason: 'No usable key, secret or password is stored.',
    remedy:
      'Enter it again in the settings of this way out; if the vault is locked, restore vault.key first.',
  },
  'certificate-missing': {
    reason: 'The certificate that this way out signs in with cannot be opened.',
    remedy:
      'Check certificate_file, or let the box make a new certificate and upload it to the app registration.',
  },
  'ca-file-unreadable': {
    reason: 'The file with extra trusted certificates cannot be read.',
    remedy: 'Correct ca_file, or remove it if the service has an ordinary certificate.',
  },
  'certificate-not-trusted': {
    reason: 'The certificate shown by the service is not for this host name, not trusted or expired.',
    remedy:
      'Check the host name, the clock of the box and whether a proxy opens encrypted traffic; add its authority with ca_file.',
  },
  'endpoint-wrong': {
    reason: 'The address of the service is not usable.',
    remedy:
      'Copy endpoint from the resource page: https://NAME.communication.azure.com. For graph leave it out, or name the Graph of your national cloud.',
  },
  'secret-expired': { reason: 'The client secret has expired.', remedy: newSecret },
  'secret-wrong': {
    reason: 'The client secret is wrong; often its Secret ID was pasted instead of its Value.',
    remedy: newSecret,
  },
  'app-unknown': {
    reason: 'The app registration does not exist in this tenant.',
    remedy: 'Compare client_id and tenant_id with the overview page of the app registration.',
  },
  'tenant-wrong': {
    reason: 'The tenant does not exist.',
    remedy: 'Compare tenant_id with the "Directory (tenant) ID" of the app registration.',
  },
  'certificate-not-registered': {
    reason: 'The certificate of the box is not registered with the app.',
    remedy:
      'Upload the public certificate of this way out (`inkpost certificate UPSTREAM` prints it) under "Certificates & secrets" of the app registration.',
  },
  'certificate-expired': {
    reason: 'The certificate of the box has expired.',
    remedy:
      'Upload the next one (`inkpost certificate UPSTREAM` prints it) under "Certificates & secrets" of the app registration.',
  },
  'clock-wrong': {
    reason: 'The sign-in was refused because the clock of the box is off.',
    remedy: 'Set the time, or let the box reach a time server (NTP, UDP port 123).',
  },
  'resource-missing': {
    reason: 'The tenant does not know the service that the token is for.',
    remedy: 'Check that tenant_id is the tenant in which the service was bought.',
  },
  'conditional-access': {
    reason: 'A conditional access policy of the tenant blocks the app.',
    remedy: 'Let the Entra administrator exclude this app or allow the public address of this site.',
  },
  'sign-in-refused': {
    reason: 'The server refuses our sign-in.',
    remedy: 'Check user name and password, and that this account may send by SMTP.',
  },
  'app-not-admitted': {
    reason: 'Entra gives the app a token, and the server does not take it.',
    remedy:
      'Compare username with the mailbox or SMTP Username. Exchange Online: give the app SMTP.SendAsApp (High Volume Email: Mail.Send) with admin consent, register it by New-ServicePrincipal with the object id of the enterprise application, and give it the mailbox by Add-MailboxPermission. Communication Services: give the app the role "Communication and Email Service Owner" and an SMTP Username.',
  },
  'sign-in-unsupported': {
    reason: 'This way out cannot sign in with this kind of credential.',
    remedy: 'Use a credential of a kind that docs/upstreams.md names for it.',
  },
  'sign-in-not-offered': {
    reason: 'The server does not offer the way of signing in that this credential needs.',
    remedy:
      'Check host, port and security; where they are right, use another kind of credential or have this sign-in allowed on the server.',
  },
  'certificate-not-signed': {
    reason: 'The connector needs a certificate signed by a public authority, and there is none yet.',
    remedy:
      'Have the request printed by "inkpost certificate NAME --csr" signed, and name the answer in certificate_file.',
  },
  'name-refused': {
    reason: 'The server does not accept the name by which this box greets it.',
    remedy: 'Set hostname in [gateway] to a full name of the organisation that DNS knows.',
  },
  'sender-not-own': {
    reason: 'This sender is in none of accepted_domains, and the tenant takes mail of its own senders only.',
    remedy: 'Set the sender of this way out to an address of the tenant, or complete accepted_domains.',
  },
  'sign-in-required': {
    reason: 'The server wants us to sign in before sending.',
    remedy:
      'Enter the credential of an account that may send, or register the address of this site with the server.',
  },
  'smtp-auth-disabled': {
    reason: 'SMTP sign-in is switched off for this tenant or mailbox, or basic authentication is blocked.',
    remedy:
      'Enable authenticated SMTP for the mailbox (Set-CASMailbox -SmtpClientAuthenticationDisabled $false), or sign in with an app.',
  },
  'entra-refused': {
    reason: 'Entra refuses the sign-in of the app.',
    remedy: 'Compare tenant_id, client_id and the credential with the app registration.',
  },
  'domain-not-linked': {
    reason: 'The domain of this sender is not linked to the Communication Services resource.',
    remedy: 'Link the domain in the portal (Email > Domains > Connect domain), or choose another sender.',
  },
  'sender-unknown': {
    reason: 'This sender does not exist as a MailFrom address.',
    remedy:
      'Add it in the portal (Email Communication Services > the domain > MailFrom addresses), or choose another sender.',
  },
  'send-as-denied': {
    reason: 'The mailbox may not send as this sender.',
    remedy:
      'Grant SendAs on the sender to the mailbox or app, or set the sender of this way out to the mailbox itself.',
  },
  'sender-refused': {
    reason: 'The server does not take mail from this sender.',
    remedy: 'Choose a sender that the server knows, or allow this one there.',
  },
  'mailbox-blocked': {
    reason: 'The whole sending mailbox is throttled after repeated errors.',
    remedy:
      'Cure the cause shown by the attempts before (usually the sender), then wait some hours and resume by hand.',
    isHarmedByProbes: true,
  },
  'daily-recipient-limit': {
    reason: 'The daily recipient limit of the mailbox or tenant is reached.',
    remedy: 'Wait until the 24 hours have moved on, or spread the mail over another way out.',
  },
  'mailbox-full': {
    reason: 'The sending mailbox is full (copies land in Sent Items).',
    remedy: 'Empty Sent Items or set a retention policy on the mailbox.',
  },
  'mailbox-access-denied': {
    reason: 'The app may not send from this mailbox.',
    remedy:
      'Grant the app the Graph application permission Mail.Send with admin consent, or in Exchange the role "Application Mail.Send" for a scope that holds this mailbox (RBAC for Applications). A new grant takes up to two hours; Test-ServicePrincipalAuthorization says what holds.',
  },
  'mailbox-unknown': {
    reason: 'The tenant has no mailbox of this name.',
    remedy:
      'Graph knows a mailbox by its user principal name: set the sender to that, an alias is not enough, or create a shared mailbox for it.',
  },
  'mailbox-not-online': {
    reason: 'The mailbox is inactive, without a licence, or not in Exchange Online.',
    remedy:
      'Give the user an Exchange Online licence, or choose a shared mailbox of the tenant as the sender. A new mailbox takes some hours.',
  },
  'tenant-without-exchange': {
    reason: 'The tenant of the app has no Exchange Online.',
    remedy: 'Set tenant_id to the tenant in which the mailboxes are.',
  },
  'token-refused': {
    reason: 'Microsoft Graph does not take the token of the app, not even a fresh one.',
    remedy:
      'Check that endpoint and authority belong to the same cloud, and whether the app was disabled or blocked in Entra.',
  },
  'connector-mismatch': {
    reason: 'No inbound connector of the tenant matches our address or certificate.',
    remedy: 'Compare the connector with the public address of this site or the name in its certificate.',
  },
  'direct-send-rejected': {
    reason: 'The tenant rejects Direct Send.',
    remedy: 'Use a connector or another way out, or let the administrator switch RejectDirectSend off.',
  },
  'sending-banned': {
    reason: 'The service has banned this tenant or account from sending.',
    remedy:
      'Look into "Restricted entities" of the Defender portal and ask Microsoft support to lift the block.',
  },
  'address-blocked': {
    reason: 'The server takes nothing from the public address of this site.',
    remedy:
      'The reply names the list: ask there for removal (Microsoft: https://sender.office.com, with 5.7.511 a mail to delist@messaging.microsoft.com), and have the provider give the address a name in DNS; or use a way out that signs in.',
  },
  'relaying-denied': {
    reason: 'The server does not pass mail on for us.',
    remedy:
      'Enter the credential of an account that may send, or have the address of this site allowed to relay on the server.',
  },
  'starttls-missing': {
    reason: 'The server does not offer STARTTLS.',
    remedy:
      'Check host and port; set security to "implicit" for port 465. Without encryption nothing is sent.',
  },
} as const satisfies Record<string, Sentence>

export type Paused = Extract<Outcome, { kind: 'paused' }>

/** The outcome that pauses. `detail` is what the service said, shown behind the sentence. */
export function paused(scope: Paused['scope'], code: PauseCode, detail = ''): Paused {
  const sentence: Sentence = pauseSentences[code]
  const pause: PauseReason = {
    code,
    reason: detail === '' ? sentence.reason : `${sentence.reason} (${oneLine(detail)})`,
    remedy: sentence.remedy,
    mayProbe: !sentence.isHarmedByProbes,
  }
  return { kind: 'paused', scope, pause }
}

/** What a stranger's server said, fit for a log: one line of printable characters, at most 300. */
export function oneLine(text: string): string {
  const printable = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return printable.length > 300 ? `${printable.slice(0, 299)}…` : printable
}
