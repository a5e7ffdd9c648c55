interface Shown {
  /** The id of one that went. */
  readonly mail: string
  readonly session: string
}

interface ShownPlace {
  readonly file: string
  readonly place: string
  /** In pixels, of a page on which what matters is farther down; else that of a phone. */
  readonly height?: number
}

/** The pages of which `make screenshots` takes a picture, each with the name of its file. */
export const placesOf = ({ mail, session }: Shown): readonly ShownPlace[] => [
  { file: 'home', place: 'home' },
  { file: 'live', place: 'live' },
  { file: 'session', place: `live/${session}`, height: 1100 },
  { file: 'devices', place: 'devices' },
  { file: 'device', place: 'devices/Ward%203' },
  { file: 'device-card', place: 'devices/Ward%203?tab=card' },
  { file: 'device-settings', place: 'devices/Ward%203?tab=settings' },
  { file: 'device-add', place: 'devices?add' },
  { file: 'device-adopt', place: 'devices?adopt=127.0.0.9' },
  { file: 'queue', place: 'queue' },
  { file: 'message', place: `queue/${mail}` },
  { file: 'wizard-box', place: 'wizard/box' },
  { file: 'wizard-question', place: 'wizard/way-out/choose' },
  { file: 'wizard-advice', place: 'wizard/way-out/choose?answers=yes.no.no.yes.no.yes.no.medium.few' },
  { file: 'wizard-way-out', place: 'wizard/way-out/smarthost' },
  { file: 'wizard-test', place: 'wizard/test' },
  { file: 'wizard-device', place: 'wizard/device' },
  { file: 'more', place: 'more' },
  { file: 'upstreams', place: 'upstreams' },
  { file: 'upstream', place: 'upstreams/acs' },
  ...[
    ...['quotas', 'calendar', 'certificates', 'health', 'alerts', 'diagnosis', 'operators'],
    ...['tokens', 'audit', 'reports', 'settings', 'setup', 'account'],
  ].map((place) => ({ file: place, place })),
  { file: 'security-report', place: 'reports/security' },
  { file: 'backup', place: 'backup', height: 1600 },
  { file: 'network', place: 'network', height: 1900 },
  { file: 'update', place: 'update', height: 900 },
  { file: 'fleet', place: 'fleet', height: 1000 },
]
