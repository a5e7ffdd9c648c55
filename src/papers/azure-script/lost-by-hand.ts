import type { UpstreamSetup } from '../../core/setup.ts'

/** What a person has to do so that a lost box gets in no more by this way out; empty where the paste does it all. */
export function byHand(upstream: UpstreamSetup): readonly string[] {
  const { name, kind, credential } = upstream
  const say = (sentence: string): readonly string[] => [`upstream ${name} ${sentence}`]
  switch (credential.kind) {
    case 'access-key':
      return say(
        'knew an access key of the whole resource: give the other boxes the second key (next_key), then regenerate the one the lost box had',
      )
    case 'password':
      return say(ofPassword(upstream, credential.username))
    case 'client-secret':
    case 'client-certificate':
      return kind === 'smarthost' ? say(ofSmarthost(upstream)) : []
    case 'none':
      return ofAddress(upstream).flatMap(say)
  }
}

function ofPassword(upstream: UpstreamSetup, username: string): string {
  switch (upstream.kind) {
    case 'acs-smtp':
      return ofSecret(username)
    case 'exchange-smtp':
    case 'exchange-hve':
      return `signed in as ${username} by password: give that account a new one in the Microsoft 365 admin center, and to the other boxes that use it`
    default:
      return ofSmarthost(upstream)
  }
}

/** The password of ACS by SMTP is a secret of an app; user names of the older form hold its id: `RESOURCE|APP|TENANT`, or with dots. */
function ofSecret(username: string): string {
  const [app] = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(username) ?? []
  const which =
    app === undefined
      ? `the app that SMTP username ${username} belongs to (az communication smtp-username list)`
      : `the app ${app}`
  return `signed in by a secret of an app: remove that secret of ${which} in Entra, Certificates & secrets, and give the other boxes that use it another one`
}

const ofSmarthost = ({ host }: UpstreamSetup): string =>
  `signed in at ${host}: whoever runs it has to end that login`

function ofAddress({ kind, host }: UpstreamSetup): readonly string[] {
  switch (kind) {
    case 'exchange-direct':
      return [
        'needs no credential: block port 25 for the box at the firewall of its site if it is still there',
      ]
    case 'smarthost':
      return [`needs no credential: whoever runs ${host} has to take the address of the site from its list`]
    default:
      return []
  }
}
