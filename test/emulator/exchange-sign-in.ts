// Who may sign in at the emulated smtp.office365.com, by password and by Entra token.
import type { Azure } from './azure.ts'
import type { ExchangeSettings, Mailbox, SignInRefusal } from './exchange-settings.ts'
import type { SmtpConnection } from './smtp-ledger.ts'
import type { SmtpPolicy } from './smtp-policy.ts'

export const outlookResource = 'https://outlook.office365.com'

export function findMailbox(settings: ExchangeSettings, user: string): Mailbox | undefined {
  return settings.mailboxes.find((one) => one.address.toLowerCase() === user.toLowerCase())
}

export interface SignInOptions {
  readonly azure: Azure
  readonly settings: ExchangeSettings
  readonly hostname: string
  readonly refused: (refusal: SignInRefusal) => void
}

export function createSignIn(options: SignInOptions): Required<Pick<SmtpPolicy, 'password' | 'token'>> {
  const { azure, settings, hostname } = options

  function unsuccessful(code: string, text = ''): string {
    return `535 ${code} Authentication unsuccessful${text} [${hostname}]`
  }

  /** An HVE account ignores the switches of SMTP AUTH (troubleshoot-high-volume-email-m365). */
  function switchedOff(mailbox: Mailbox | undefined): string | undefined {
    const visit = 'Visit https://aka.ms/smtp_auth_disabled for more information.'
    if (settings.service === 'hve') return undefined
    if (mailbox?.isSmtpAuthDisabled === true)
      return unsuccessful('5.7.139', `, SmtpClientAuthentication is disabled for the Mailbox. ${visit}`)
    if (settings.isSmtpAuthDisabled && mailbox?.isSmtpAuthDisabled === undefined)
      return unsuccessful('5.7.139', `, SmtpClientAuthentication is disabled for the Tenant. ${visit}`)
    return undefined
  }

  function refuseBasic(): string | undefined {
    switch (settings.basicAuthentication) {
      case 'allowed':
        return undefined
      case 'disabled':
        return unsuccessful('5.7.139', ', basic authentication is disabled.')
      case 'security-defaults':
        return unsuccessful(
          '5.7.139',
          ", user is locked by your organization's security defaults policy. Contact your administrator.",
        )
      case 'criteria':
        return unsuccessful(
          '5.7.139',
          ', the request did not meet the criteria to be authenticated successfully. Contact your administrator.',
        )
    }
  }

  function password(connection: SmtpConnection, user: string, given: string): string | undefined {
    const mailbox = findMailbox(settings, user)
    const refusal = refuseBasic() ?? switchedOff(mailbox)
    if (refusal !== undefined) return refusal
    if (mailbox?.password !== undefined && mailbox.password === given) return undefined
    options.refused({ connectionId: connection.id, user, reason: 'password' })
    return unsuccessful('5.7.3')
  }

  function judge(user: string, token: string): string | undefined {
    const { permission: role, tenant } = settings
    const verdict = azure.judgeToken(token, { audience: outlookResource, role, tenant })
    if (verdict.kind === 'refused') return verdict.reason
    const mailbox = findMailbox(settings, user)
    if (mailbox === undefined) return 'mailbox'
    const { clientId } = verdict.app
    const principal = settings.servicePrincipals.find((one) => one.clientId === clientId)
    if (principal?.objectId !== verdict.claims.oid) return 'service-principal'
    return mailbox.fullAccess?.includes(clientId) === true ? undefined : 'mailbox-permission'
  }

  function token(connection: SmtpConnection, user: string, given: string): string | undefined {
    const refusal = switchedOff(findMailbox(settings, user))
    if (refusal !== undefined) return refusal
    const reason = judge(user, given)
    if (reason === undefined) return undefined
    options.refused({ connectionId: connection.id, user, reason })
    return unsuccessful('5.7.3')
  }

  return { password, token }
}
