import type { UpstreamSetup } from '../core/setup.ts'
import { byHand } from './azure-script/lost-by-hand.ts'

export interface LeftFacts {
  readonly box: string
  /** What cuts the box off at Microsoft; undefined where it is not known there. */
  readonly script: string | undefined
  readonly upstreams: readonly UpstreamSetup[]
  /** Of the settings, outside of the box's own directory. */
  readonly files: readonly string[]
  /** What could not be done here. */
  readonly undone: readonly string[]
}

/** What knows a box that is no more, and who is to be told: as one paste, prose in comments. */
export function decommissionNote({ box, script, upstreams, files, undone }: LeftFacts): string {
  const others = script === undefined ? upstreams.flatMap(byHand) : []
  const prose = [
    `The mail gateway "${box}" is decommissioned: its keys are destroyed, its settings and its mail go now.`,
    '',
    ...undone,
    ...others,
    ...files.map((file) => `The settings name the file ${file}: it is not touched; remove it.`),
    'Backups of this box hold its secrets: whoever has one with its passphrase or its recovery code opens it. Destroy them.',
    'Devices still hold their short passwords, and the certificate authority of this box where it was imported: they are of no use to anybody any more.',
    ...(script === undefined
      ? []
      : ['', 'At Microsoft this cuts the box off; what is left to do by hand is said at its end.']),
  ]
  const comment = prose.map((line) => (line === '' ? '#' : `# ${line}`)).join('\n')
  return script === undefined ? `${comment}\n` : `${comment}\n${script}`
}
