import type { ExchangePlan, ScriptPlan } from './plan.ts'
import { powershellQuoted as quoted, recipientFilter } from './quoting.ts'

/** What both pastes for Exchange begin with. */
const opening = (title: string, needsApp: boolean): string => `#Requires -Version 7
# ${title}. Looks before it makes, so that it may run again.
param(
${
  needsApp
    ? `    # Application (client) id, and the object id of the ENTERPRISE application: that of the registration is another one.
    [Parameter(Mandatory)][guid]$AppId,
    [Parameter(Mandatory)][guid]$ObjectId,
`
    : ''
}    [switch]$SkipSignIn
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (-not $SkipSignIn) {
    if (-not (Get-Module -ListAvailable -Name ExchangeOnlineManagement)) {
        Install-Module -Name ExchangeOnlineManagement -Scope CurrentUser -Force
    }
    Import-Module ExchangeOnlineManagement
    Connect-ExchangeOnline -Device -ShowBanner:$false
}

function Test-Found([scriptblock]$Look) {
    try { return $null -ne (& $Look) } catch {
        if ("$_" -match 'couldn''t be found|not found|NotFound') { return $false }
        throw
    }
}
`

/** The rights of the box in Exchange Online, each on one mailbox. */
export function exchangeScript(plan: ScriptPlan): string {
  return [
    opening(`Exchange Online for inkpost ${plan.box}`, needsApp(plan)),
    `$Name = ${quoted(`inkpost-${plan.box}`)}`,
    ...(needsApp(plan) ? [servicePrincipal] : []),
    ...plan.exchange.map((part) => partOf(part)),
    `Write-Host 'Exchange Online is ready.'`,
    '',
  ].join('\n\n')
}

/** Whether the Exchange part speaks of the registration. */
export const needsApp = ({ exchange, entra }: ScriptPlan): boolean =>
  exchange.some(({ upstream }) => entra.includes(upstream.name))

const servicePrincipal = `# Exchange's own pointer to the enterprise application.
if (-not (Test-Found { Get-ServicePrincipal -Identity $ObjectId.ToString() })) {
    New-ServicePrincipal -AppId $AppId -ObjectId $ObjectId -DisplayName $Name | Out-Null
}`

function partOf(part: ExchangePlan): string {
  switch (part.kind) {
    case 'mailbox':
      return mailbox(part.mailbox, part.upstream.credential.kind !== 'password')
    case 'hve':
      return hveAccount(part.account, part.upstream.credential.kind !== 'password')
    case 'graph':
      return graphScope(part.mailboxes)
    case 'connector':
      return connector(part.certificateName)
    case 'direct':
      return directSend
  }
}

const mailbox = (address: string, isByApp: boolean): string =>
  `# SMTP AUTH for this one mailbox; the tenant's own switch stays as it is.
$Mailbox = ${quoted(address)}
Get-EXOMailbox -Identity $Mailbox | Out-Null
if ((Get-CASMailbox -Identity $Mailbox).SmtpClientAuthenticationDisabled -ne $false) {
    Set-CASMailbox -Identity $Mailbox -SmtpClientAuthenticationDisabled $false
}${isByApp ? `\n${sendAs}` : ''}`

const sendAs = `# SendAs and nothing more: FullAccess would let the box read the mailbox.
if (-not (Get-RecipientPermission -Identity $Mailbox -Trustee $ObjectId.ToString() -AccessRights SendAs)) {
    Add-RecipientPermission -Identity $Mailbox -Trustee $ObjectId.ToString() -AccessRights SendAs -Confirm:$false | Out-Null
}`

const hveAccount = (
  account: string,
  isByApp: boolean,
): string => `# High Volume Email: no mailbox, no licence, recipients inside only.
$Account = ${quoted(account)}
if (-not (Test-Found { Get-MailUser -Identity $Account })) {
    $Password = Read-Host -AsSecureString 'Password for the HVE account (the one of the setup, or a long random one where the box signs in by its certificate)'
    $Alias = $Account.Split('@')[0]
    New-MailUser -HVEAccount -Name $Alias -PrimarySmtpAddress $Account -Password $Password | Out-Null
}${
  isByApp
    ? `
# The box's registration is the only one that may send by this account.
if ((Get-HVEAppAccess -Identity $Account | Out-String) -notmatch [regex]::Escape($AppId.ToString())) {
    Add-HVEAppAccess -Identity $Account -AppIds $AppId.ToString()
}`
    : ''
}`

const graphScope = (
  mailboxes: readonly string[],
): string => `# RBAC for Applications: Mail.Send for these mailboxes, no consent for the tenant.
$Filter = ${quoted(recipientFilter(mailboxes))}
if (-not (Test-Found { Get-ManagementScope -Identity $Name })) {
    New-ManagementScope -Name $Name -RecipientRestrictionFilter $Filter | Out-Null
} else {
    Set-ManagementScope -Identity $Name -RecipientRestrictionFilter $Filter
}
if (-not (Test-Found { Get-ManagementRoleAssignment -Identity $Name })) {
    New-ManagementRoleAssignment -Name $Name -App $ObjectId.ToString() -Role 'Application Mail.Send' -CustomResourceScope $Name | Out-Null
}
# It takes Exchange up to two hours to know it everywhere; this look passes by its cache.
foreach ($Mailbox in @(${mailboxes.map(quoted).join(', ')})) {
    Test-ServicePrincipalAuthorization -Identity $ObjectId.ToString() -Resource $Mailbox | Format-Table -Property @('RoleName', 'AllowedResourceScope', 'InScope')
}`

const connector = (certificateName: string): string =>
  certificateName === ''
    ? `# The connector knows this site by its fixed public address.
if (-not (Test-Found { Get-InboundConnector -Identity $Name })) {
    $Address = Read-Host 'The fixed public IPv4 address of this site (inkpost doctor tells it)'
    if (-not ($Address -as [ipaddress])) { throw "$Address is no IP address" }
    New-InboundConnector -Name $Name -ConnectorType OnPremises -SenderDomains '*' -SenderIPAddresses $Address -RequireTls $true -Enabled $true | Out-Null
}`
    : `# The connector knows this box by the name in its certificate; the name's domain must be an accepted domain.
$CertificateName = ${quoted(certificateName)}
if (-not (Test-Found { Get-InboundConnector -Identity $Name })) {
    New-InboundConnector -Name $Name -ConnectorType OnPremises -SenderDomains '*' -TlsSenderCertificateName $CertificateName -RequireTls $true -Enabled $true | Out-Null
}`

const directSend = `# Direct Send needs nothing made; it must not be switched off.
if ((Get-OrganizationConfig).RejectDirectSend) {
    Write-Warning 'RejectDirectSend is on: Exchange answers 550 5.7.68 to Direct Send. Use a connector, or Set-OrganizationConfig -RejectDirectSend $false.'
}
Get-AcceptedDomain | Format-Table -Property @('DomainName', 'DomainType')`

/** What cuts off this box alone in Exchange Online. */
export function lostExchangeScript(plan: ScriptPlan): string {
  return [
    opening(`Cuts inkpost ${plan.box} off Exchange Online`, needsApp(plan)),
    `$Name = ${quoted(`inkpost-${plan.box}`)}`,
    ...plan.exchange.map(lossOf),
    ...(needsApp(plan)
      ? [
          `if (Test-Found { Get-ServicePrincipal -Identity $ObjectId.ToString() }) {
    Remove-ServicePrincipal -Identity $ObjectId.ToString() -Confirm:$false
}`,
        ]
      : []),
    `Write-Host 'The Exchange part is done; other boxes were not touched.'`,
    '',
  ].join('\n\n')
}

function lossOf(part: ExchangePlan): string {
  const isByPassword = part.upstream.credential.kind === 'password'
  switch (part.kind) {
    case 'mailbox':
      return isByPassword ? newPassword(part.mailbox) : lostSendAs(part.mailbox)
    case 'hve':
      return isByPassword ? newPassword(part.account) : lostHve(part.account)
    case 'graph':
      return lostScope
    case 'connector':
      return `if (Test-Found { Get-InboundConnector -Identity $Name }) {
    Remove-InboundConnector -Identity $Name -Confirm:$false
} else {
    Write-Warning "There is no connector $Name: remove the one by which this box is known by hand."
}`
    case 'direct':
      return `Write-Host 'Direct Send has no credential: nothing to remove. Block the address at the firewall of the site if the box is still there.'`
  }
}

const lostSendAs = (address: string): string => `$Mailbox = ${quoted(address)}
if (Get-RecipientPermission -Identity $Mailbox -Trustee $ObjectId.ToString() -AccessRights SendAs) {
    Remove-RecipientPermission -Identity $Mailbox -Trustee $ObjectId.ToString() -AccessRights SendAs -Confirm:$false
}`

const lostHve = (account: string): string => `$Account = ${quoted(account)}
if ((Get-HVEAppAccess -Identity $Account | Out-String) -match [regex]::Escape($AppId.ToString())) {
    Remove-HVEAppAccess -Identity $Account -AppIds $AppId.ToString() -Confirm:$false
}`

const lostScope = `if (Test-Found { Get-ManagementRoleAssignment -Identity $Name }) {
    Remove-ManagementRoleAssignment -Identity $Name -Confirm:$false
}
if (Test-Found { Get-ManagementScope -Identity $Name }) {
    Remove-ManagementScope -Identity $Name -Confirm:$false
}`

const newPassword = (account: string): string =>
  `Write-Warning (${quoted(account)} + ' is known to the lost box by its password: give it a new one in the Microsoft 365 admin center, and to the other boxes that use it.')`
