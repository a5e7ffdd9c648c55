import type { NetworkWish, PortAccessWish, WifiWish } from '../../src/core/machine-network.ts'
import type { Links, RunFile } from './network-files.ts'

export const supplicantFolder = 'inkpost-machine/supplicant'

/** What wpa_supplicant is told for Wi-Fi, or for 802.1X on the cable; `LINK.conf` and the driver for its unit. */
export function supplicantFiles(
  { wifi, portAccess }: NetworkWish,
  { wired, wireless }: Links,
): readonly RunFile[] {
  if (wifi && wireless !== undefined) return files(wireless, 'nl80211', wifiText(wifi))
  if (!portAccess || wired === undefined) return []
  return [
    ...files(wired, 'wired', portAccessText(portAccess)),
    { path: authorityPath, text: portAccess.authority, isSecret: true },
    ...(portAccess.certificate === ''
      ? []
      : [{ path: certificatePath, text: portAccess.certificate, isSecret: true }]),
  ]
}

const authorityPath = `${supplicantFolder}/authority.pem`
const certificatePath = `${supplicantFolder}/certificate.pem`

const files = (link: string, driver: string, text: string): readonly RunFile[] => [
  { path: `${supplicantFolder}/${link}.conf`, text, isSecret: true },
  { path: `${supplicantFolder}/${link}.env`, text: `DRIVER=${driver}\n` },
]

/** The name in hex: it may hold any character, and only hex needs no escapes (wpa_supplicant.conf(5)). */
function wifiText({ ssid, passphrase, country }: WifiWish): string {
  const keys =
    passphrase === ''
      ? ['key_mgmt=NONE']
      : ['key_mgmt=WPA-PSK SAE', `psk=${quoted(passphrase)}`, 'ieee80211w=1']
  return [
    `country=${country}`,
    ...block([`ssid=${Buffer.from(ssid, 'utf8').toString('hex')}`, 'scan_ssid=1', ...keys]),
  ].join('\n')
}

/** IEEE 802.1X-2010; the server's certificate is always verified. */
function portAccessText({ method, identity, password }: PortAccessWish): string {
  const own =
    method === 'eap-tls'
      ? ['eap=TLS', `client_cert="/run/${certificatePath}"`, `private_key="/run/${certificatePath}"`]
      : ['eap=PEAP', `password=${quoted(password)}`, 'phase2="auth=MSCHAPV2"']
  return [
    'ap_scan=0',
    ...block([
      'key_mgmt=IEEE8021X',
      'eapol_flags=0',
      `identity=${quoted(identity)}`,
      `ca_cert="/run/${authorityPath}"`,
      ...own,
    ]),
  ].join('\n')
}

const block = (lines: readonly string[]): readonly string[] => [
  'network={',
  ...lines.map((line) => `  ${line}`),
  '}',
  '',
]

/** A text ends at the last quote of its line: inner ones need no escape, and the duty has refused line breaks. */
const quoted = (text: string): string => `"${text}"`
