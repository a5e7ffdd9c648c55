import { unreachable } from './brand.ts'
import type { HomeCure, HomeProblem, HomeSeverity, ToldProblem } from './home.ts'
import { describeSize } from './size.ts'
import { waitingOn } from './step-delivery.ts'
import { verdictCodes } from './verdict.ts'

interface Words {
  readonly severity: HomeSeverity
  readonly sentence: string
  readonly remedy: string
  readonly cure: HomeCure
}

/** A problem in English and what cures it: the one place for both. */
export const told = (problem: HomeProblem, severity?: HomeSeverity): ToldProblem => {
  const words = wordsOf(problem)
  return { problem, ...words, severity: severity ?? words.severity }
}

const page = (page: Extract<HomeCure, { kind: 'page' }>['page'], name?: string): HomeCure => ({
  kind: 'page',
  page,
  ...(name !== undefined && { name }),
})

function wordsOf(problem: HomeProblem): Words {
  switch (problem.kind) {
    case 'not-running':
      return {
        severity: 'alarm',
        sentence: 'The gateway is not running: nothing is taken and nothing is sent.',
        remedy: 'Start it with `inkpost serve`.',
        cure: { kind: 'at-the-box' },
      }
    case 'nothing-accepted':
      return {
        severity: 'alarm',
        sentence: `No port for devices is open: nothing is taken. ${problem.detail}`.trim(),
        remedy: 'Look who else uses the ports, or set others.',
        cure: page('health'),
      }
    case 'disk-full':
      return {
        severity: 'alarm',
        sentence:
          `The disk is full (${describeSize(problem.freeBytes)} free): no mail is taken. ${problem.detail}`.trim(),
        remedy: 'Free space on the disk; what waits in the queue is sent meanwhile.',
        cure: page('health'),
      }
    case 'vault-locked':
      return {
        severity: 'alarm',
        sentence:
          'The vault is locked: nobody can sign in by password, and nothing is sent that needs a secret.',
        remedy: 'Put the right vault.key back and start again, or restore a backup.',
        cure: { kind: 'at-the-box' },
      }
    case 'clock-wrong':
      return {
        severity: 'alarm',
        sentence: `The clock says ${new Date(problem.wall).toISOString().slice(0, 10)}, which can not be: mail is taken, and nothing is sent until it is right.`,
        remedy: 'Set the clock, or let the box reach a time server.',
        cure: { kind: 'set-clock' },
      }
    case 'setup-not-understood':
      return {
        severity: 'alarm',
        sentence: `A part of the stored setup can not be read by this release: ${problem.detail}.`,
        remedy: 'Put right what is missing in the settings.',
        cure: page('settings'),
      }
    case 'no-way-out':
      return {
        severity: 'warning',
        sentence: 'No way out is set up: mail is taken and goes nowhere.',
        remedy: 'Set one up.',
        cure: page('upstreams'),
      }
    case 'upstream-paused':
      return {
        severity: problem.byOperator ? 'notice' : 'warning',
        sentence: `${problem.upstream} is paused: ${sentenceEnd(problem.reason)}${waitingWords(problem.waiting)}`,
        remedy: problem.remedy,
        cure: problem.byOperator
          ? { kind: 'resume-upstream', upstream: problem.upstream }
          : page('upstream', problem.upstream),
      }
    case 'listener-closed':
      return {
        severity: 'warning',
        sentence: `Port ${problem.port} (${problem.listener}) is not open: ${sentenceEnd(problem.detail)}`,
        remedy: 'Look who else uses it; it is tried again by itself.',
        cure: page('health'),
      }
    case 'expiry':
      return {
        severity: 'warning',
        sentence: problem.sentence,
        remedy: problem.remedy,
        cure: expiryCure(problem.key),
      }
    case 'alert':
      return {
        severity: 'warning',
        sentence: problem.sentence,
        remedy: problem.remedy,
        cure: alertCure(problem.key),
      }
    case 'device-trouble':
      return {
        severity: 'warning',
        sentence: `${problem.device}: ${verdictCodes[problem.health.code].sentence}`,
        remedy: 'Its page says what helps.',
        cure: page('device', problem.device),
      }
    case 'unadopted-mail':
      return {
        severity: 'notice',
        sentence: `Mail of unknown devices is held (${problem.mails} of ${problem.devices}).`,
        remedy: 'Adopt what belongs here; the rest is dropped after 24 h.',
        cure: page('sightings'),
      }
    default:
      return unreachable(problem)
  }
}

/** Reasons come from services and from this box, with a full stop and without. */
const sentenceEnd = (text: string): string => `${text.replace(/\.$/, '')}.`

const waitingWords = (waiting: number): string =>
  waiting === 0 ? '' : ` ${waiting === 1 ? '1 mail waits' : `${waiting} mails wait`} for it.`

/** `expires/secret/acs`, `expires/weak-device/Front desk`. */
function expiryCure(key: string): HomeCure {
  const [, kind = '', ...rest] = key.split('/')
  const name = rest.join('/')
  switch (kind) {
    case 'secret':
    case 'client-certificate':
      return page('upstream', name)
    case 'service-end':
      return page('upstream', rest.slice(1).join('/'))
    case 'weak-device':
      return page('device', name)
    default:
      return page('certificates')
  }
}

/** Alerts of a way out or of a device have its name behind their first word. */
function alertCure(key: string): HomeCure {
  const [kind = '', ...rest] = key.split('/')
  const name = rest.join('/')
  if (kind === 'devices-silent') return page('devices')
  if (name === '') return kind === 'no-way-out' || kind === 'mail-waits' ? page('queue') : page('health')
  if (kind === 'upstream-paused') return page('upstream', waitingOn(name).upstream)
  if (kind.startsWith('device-')) return page('device', name)
  return kind === 'certificate' ? page('upstream', name) : page('health')
}
