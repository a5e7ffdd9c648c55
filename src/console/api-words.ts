/** A field of a JSON body, as `Fields` reads it; a question mark: it may be absent. */
export type FieldKind = 'text' | 'text?' | 'number' | 'number?' | 'flag?' | 'texts?' | 'table' | 'records?'

/** What a route is for; what it takes in its query and in its body. */
export interface RouteWords {
  readonly summary: string
  readonly query?: readonly string[]
  readonly fields?: Readonly<Record<string, FieldKind | readonly string[]>>
  /** Of the body, where it is no JSON. */
  readonly bodyType?: string
  /** Of the answer, where it is no JSON. */
  readonly type?: string
}

const auditQuery = ['before', 'who', 'text', 'since', 'until', 'weakens']
const role = ['administrator', 'technician', 'viewer'] as const

/** Every route of the API by method and pattern. Read only where the description is asked for. */
export const apiWords: Readonly<Record<string, RouteWords>> = {
  'GET /openapi.json': { summary: 'This description' },

  'GET /session': { summary: 'Whose box it is, and who asks' },
  'POST /claim': {
    summary: 'Make the first operator with the code that the box shows',
    fields: { code: 'text', name: 'text', password: 'text' },
  },
  'POST /session': { summary: 'Sign in', fields: { name: 'text', password: 'text' } },
  'POST /session/code': {
    summary: 'Go on signing in with a code of the app, or a recovery code',
    fields: { ticket: 'text', code: 'text' },
  },
  'POST /session/enrol': {
    summary: 'Go on signing in by setting a second factor up',
    fields: { ticket: 'text', code: 'text' },
  },
  'POST /session/pass': { summary: 'Sign in by a day pass', fields: { token: 'text' } },
  'DELETE /session': { summary: 'Sign out' },
  'PUT /session/password': {
    summary: 'Change one’s own password',
    fields: { old: 'text', password: 'text' },
  },
  'GET /session/second-factor': { summary: 'Whether one’s own second factor is on' },
  'POST /session/second-factor': { summary: 'Begin to set a second factor up', fields: { password: 'text' } },
  'POST /session/second-factor/confirm': { summary: 'Put it in force by a code', fields: { code: 'text' } },
  'POST /session/second-factor/remove': {
    summary: 'Take one’s own second factor away',
    fields: { password: 'text' },
  },
  'GET /passes': { summary: 'Day passes, open and used' },
  'POST /passes': { summary: 'Make a day pass', fields: { guest: 'text' } },
  'DELETE /passes/:id': { summary: 'Withdraw a day pass' },

  'GET /home': { summary: 'What the page Home shows: problems, forecast, devices, ways out' },
  'GET /events': {
    summary: 'What happens now, as server-sent events',
    query: ['device', 'address', 'last-event-id'],
    type: 'text/event-stream',
  },
  'GET /search': {
    summary: 'Find mail, open and finished',
    query: ['q', 'open', 'device', 'state', 'limit', 'cursor'],
  },
  'GET /status': { summary: 'The box on one screen' },
  'GET /queue': { summary: 'Mail that waits, with the reason', query: ['all', 'limit'] },
  'POST /queue/actions': {
    summary: 'Retry, hold, release or drop mail',
    fields: { action: ['retry', 'hold', 'release', 'drop'], selector: 'text' },
  },
  'GET /messages/:id': { summary: 'One message with every recipient and attempt' },
  'POST /queue/drop': { summary: 'Drop mail, to be undone for a while', fields: { selector: 'text' } },
  'POST /queue/undo-drop': { summary: 'Take a drop back', fields: { selector: 'text' } },
  'GET /messages/:id/story': { summary: 'What happened to a message, step by step' },
  'GET /messages/:id/content': { summary: 'The octets of a message', type: 'message/rfc822' },
  'GET /sessions': { summary: 'Recent SMTP sessions', query: ['limit'] },
  'GET /sessions/:id': { summary: 'One SMTP session with transcript and verdict' },
  'POST /sessions/:id/cure': {
    summary: 'Apply what the verdict of a session proposes',
    fields: { forMs: 'number?', name: 'text?' },
  },
  'GET /cures': { summary: 'Cures that are in force' },
  'DELETE /cures/:id': { summary: 'Take a cure back' },
  'POST /test-messages': {
    summary: 'Send a test mail of a device the whole way',
    fields: { device: 'text', to: 'text' },
  },
  'POST /doctor': { summary: 'Run every diagnosis; answers within 20 s' },

  'GET /upstreams/:name': { summary: 'A way out as its page edits it' },
  'POST /upstreams': { summary: 'Add a way out', fields: { row: 'table', revision: 'number?' } },
  'PUT /upstreams/:name/settings': {
    summary: 'Change a way out',
    fields: { change: 'table', revision: 'number?' },
  },
  'DELETE /upstreams/:name': { summary: 'Remove a way out', query: ['revision'] },
  'POST /upstreams/:name/pause': { summary: 'Pause a way out' },
  'POST /upstreams/:name/resume': { summary: 'Let a way out go on' },
  'GET /upstreams/:name/certificate': { summary: 'The certificate by which a way out knows the box' },
  'GET /upstreams/:name/certificate-request': {
    summary: 'A request for a certificate over the box’s own key',
  },
  'POST /upstreams/:name/certificate/replace-secret': {
    summary: 'Begin to replace a client secret by a certificate',
  },
  'POST /upstreams/:name/certificate/renew': { summary: 'Make the next certificate now' },
  'DELETE /upstreams/:name/certificate/next': { summary: 'Give the next certificate up' },
  'POST /upstreams/:name/test-messages': {
    summary: 'Send a mail of the box by this way out alone',
    fields: { to: 'text' },
  },
  'GET /upstreams/:name/rehearsal': { summary: 'What this way out would have refused of the last 30 days' },
  'GET /reports/:kind': {
    summary: 'A text for other people; `security` for administrators only',
    query: ['month', 'upstream'],
  },

  'GET /support-bundle': { summary: 'What a supporter needs, without secrets' },

  'GET /backups': { summary: 'Nightly copies and the state of the recovery code' },
  'POST /backups': {
    summary: 'Make a backup and take it along',
    fields: { withSpool: 'flag?', passphrase: 'text?' },
    type: 'application/octet-stream',
  },
  'GET /backups/:name': { summary: 'Take a nightly copy along', type: 'application/octet-stream' },
  'POST /restore': {
    summary:
      'Restore a backup: a line of JSON (secret; isTrial, mayReplace, mayPutAsideMail, isWithoutSpool may be absent), then the file',
    bodyType: 'application/octet-stream',
  },
  'GET /storages': { summary: 'Sticks and cards in readers' },
  'POST /storages/:storage/take-over': {
    summary: 'Take over from the card of an old box, or look what is on it',
    fields: {
      secret: 'text',
      isTrial: 'flag?',
      mayReplace: 'flag?',
      mayPutAsideMail: 'flag?',
      isWithoutSpool: 'flag?',
      oldBox: 'table',
    },
  },
  'GET /backup-targets': { summary: 'Where nightly copies go, and what became of them' },
  'POST /backup-targets/:name/test': { summary: 'Put a small file there and take it away' },
  'GET /backup-sticks': { summary: 'Sticks in the box on which nightly copies could go' },
  'PUT /backup-sticks': {
    summary: 'Whether each nightly copy goes to a stick too',
    fields: { isWanted: 'flag?' },
  },
  'GET /identity': { summary: 'Whether this box is the one of its identity that sends' },
  'POST /identity/keep': { summary: 'Say that this box is the one to stay: a newer one stops' },
  'POST /recovery-code': { summary: 'Make a recovery code; told this once' },
  'POST /recovery-code/confirm': {
    summary: 'Say a part of the recovery code: it was written down',
    fields: { part: 'text' },
  },

  'GET /setup': { summary: 'The setup document, secrets as (kept)' },
  'POST /setup': { summary: 'Make a setup document the truth', fields: { text: 'text', check: 'flag?' } },
  'GET /azure-script': {
    summary: 'What sets up at Microsoft what the ways out need',
    query: ['lost', 'upstream'],
  },
  'GET /audit': { summary: 'Who changed what, newest first', query: ['limit', ...auditQuery] },
  'GET /audit.csv': { summary: 'The same as a table, whole', query: auditQuery, type: 'text/csv' },
  'POST /audit/verify': {
    summary: 'Whether the audit is still as it was written, also against heads that were kept elsewhere',
    fields: { witnesses: 'records?' },
  },
  'GET /settings': { summary: 'The settings of the box as pages edit them' },
  'PUT /settings/:table': {
    summary: 'Change a table of the settings',
    fields: { change: 'table', revision: 'number?' },
  },
  'GET /devices': { summary: 'All devices' },
  'POST /devices': {
    summary: 'Add a device',
    fields: {
      name: 'text',
      addresses: 'texts?',
      sender: 'text?',
      owner: 'text?',
      allowedRecipients: 'texts?',
      strong: 'flag?',
      passwordless: 'flag?',
    },
  },
  'GET /devices/:name': { summary: 'What is known of a device' },
  'GET /devices/:name/sheet': { summary: 'A device as its page edits it' },
  'GET /devices/:name/history': { summary: 'Its mail day by day, for 14 days' },
  'PUT /devices/:name/settings': {
    summary: 'Change a device; to open it further (recipients, no password, route) for administrators only',
    fields: { change: 'table', revision: 'number?' },
  },
  'POST /devices/:name/limit': {
    summary: 'Let a device send more in an hour, for a while',
    fields: { perHour: 'number', until: 'text?' },
  },
  'POST /devices/:name/replace': { summary: 'Another machine takes a device’s place' },
  'POST /devices/:name/print-card': {
    summary: 'Print its card at port 9100',
    fields: { address: 'text?' },
  },
  'GET /addresses': { summary: 'Addresses at which devices reach the box' },
  'PUT /addresses/:address': {
    summary: 'Say whether an address is reserved for the box',
    fields: { isReserved: 'flag?' },
  },
  'DELETE /devices/:name': { summary: 'Remove a device' },
  'GET /devices/:name/card': { summary: 'What to type at its panel, password included' },
  'POST /devices/:name/rotate': { summary: 'Give it a new password', fields: { strong: 'flag?' } },
  'GET /devices/:name/whereabouts': { summary: 'Look for it in the network' },
  'GET /sightings': { summary: 'Unknown devices that were refused' },
  'POST /sightings/adopt': {
    summary: 'Make a device of an unknown one',
    fields: { address: 'text', name: 'text?', pinMac: 'flag?', passwordless: 'flag?' },
  },
  'GET /takeover': { summary: 'The window for unknown devices' },
  'POST /takeover': {
    summary: 'Let unknown devices of a subnet in for a while',
    fields: { subnet: 'text', forMs: 'number' },
  },
  'DELETE /takeover': { summary: 'Close it' },
  'GET /aliases': { summary: 'All aliases' },
  'POST /aliases': {
    summary: 'Add an alias, or give it new targets',
    fields: { name: 'text', to: 'texts?' },
  },
  'DELETE /aliases/:name': { summary: 'Remove an alias' },

  'GET /network': { summary: 'The network of the box, and what is on trial' },
  'POST /network/try': {
    summary: 'Put a network on trial: it ends after two minutes unless it is kept at a new address',
    fields: { network: 'table' },
  },
  'DELETE /network': { summary: 'The same with what the machine came with' },
  'POST /network/keep': { summary: 'Keep it, through a new address of the box', fields: { via: 'text?' } },
  'POST /network/undo': { summary: 'Go back at once' },
  'DELETE /network/told/:address': { summary: 'Devices were told another address of the box' },
  'PUT /clock': { summary: 'Set the clock, where no time server is heard', fields: { wallMs: 'number' } },

  'GET /update': { summary: 'The version of the box, its slots, and how far an update is' },
  'POST /update/check': { summary: 'Ask update.url for the newest version' },
  'POST /update/fetch': {
    summary: 'Fetch a bundle from an address (without one: what update.url names), or from a stick',
    fields: { url: 'text?', stick: 'text?' },
  },
  'GET /update/sticks': { summary: 'Bundles on USB sticks' },
  'POST /update/upload': {
    summary: 'Begin to upload a bundle, or go on: it tells the offset of the next piece',
    fields: { octets: 'number' },
  },
  'POST /update/upload/:offset': {
    summary: 'A piece of it; the last one is answered when the bundle is verified',
    bodyType: 'application/octet-stream',
  },
  'POST /update/install': {
    summary: 'Install what was verified, in the window or now',
    fields: { isNow: 'flag?' },
  },
  'POST /update/cancel': { summary: 'Give up what is fetched or waits' },
  'POST /update/rollback': { summary: 'Restart with the version of before' },

  'GET /alerts': { summary: 'Alerts that are active, and past ones' },
  'POST /alerts/test': { summary: 'Send a test alert by every channel' },
  'GET /fleet': { summary: 'What of the setup is head office’s, and how this box stands with it' },
  'GET /fleet/managed': { summary: 'What of the setup is read-only here, and whom to ask' },
  'POST /fleet/pull': { summary: 'Look at once for what head office publishes' },
  'GET /fleet/identity': { summary: 'The line by which head office seals secrets for this box' },
  'GET /fleet/boxes': { summary: 'Other boxes that this one lists, the worst first' },
  'GET /health': { summary: 'How the machine is: power, memory, disk, clock, network' },
  'GET /calendar': { summary: 'What ends, the nearest first' },

  'GET /operators': { summary: 'People who may sign in' },
  'POST /operators': { summary: 'Add one', fields: { name: 'text', role, password: 'text' } },
  'PUT /operators/:name/password': { summary: 'Give one a new password', fields: { password: 'text' } },
  'DELETE /operators/:name': { summary: 'Remove one' },
  'DELETE /operators/:name/second-factor': { summary: 'Take the second factor of a lost phone away' },
  'GET /tokens': { summary: 'Tokens of scripts' },
  'POST /tokens': { summary: 'Make one; told this once', fields: { name: 'text', role, days: 'number?' } },
  'DELETE /tokens/:id': { summary: 'Withdraw one' },
  'GET /claim': { summary: 'The claim code; on the box itself only' },
  'POST /decommission': {
    summary: 'Destroy the keys and the data of the box, and end; what is left elsewhere',
    fields: { name: 'text' },
  },
  'POST /claim/reset': { summary: 'End everybody’s way in and mint another code; on the box itself only' },
  'POST /forget': { summary: 'Erase an address from the history', fields: { address: 'text' } },
}
