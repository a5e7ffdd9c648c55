import type { UpdateSheet, UpdateState } from '../core/update-operations.ts'
import { localTime } from './times.ts'

/** How far an update is, for a person. */
export function sheetLines(sheet: UpdateSheet, now: Parameters<typeof localTime>[1]): readonly string[] {
  const { machine, url, automatic, check } = sheet
  return [
    `runs      ${sheet.version}`,
    ...(machine.kind === 'slots' ? machine.view.slots.map(slotLine) : [`slots     ${machine.reason}`]),
    ...stateLines(sheet, now),
    url === ''
      ? 'index     none: update.url is not set'
      : `index     ${url}${automatic ? ', installed by itself' : ''}`,
    ...(check ? [checkLine(check, now)] : []),
  ]
}

type Slots = Extract<UpdateSheet['machine'], { kind: 'slots' }>['view']['slots']

const slotLine = ({ slot, isBooted, isGood, version }: Slots[number]): string =>
  `slot ${slot}    ${version || 'as the card was written'}${isBooted ? '  runs' : isGood ? '' : '  never in use'}`

const checkLine = (
  { at, newest, trouble }: NonNullable<UpdateSheet['check']>,
  now: Parameters<typeof localTime>[1],
): string => `looked    ${localTime(at, now)}: ${trouble === '' ? `newest is ${newest}` : trouble}`

function stateLines(sheet: UpdateSheet, now: Parameters<typeof localTime>[1]): readonly string[] {
  const { state, percent, opensAt, window, version } = sheet
  const share = percent === null ? '' : ` ${percent} %`
  const opening = `the window ${window} opens ${localTime(opensAt, now)}`
  switch (state.kind) {
    case 'none':
      return []
    case 'fetching':
      return [`update    is being fetched${share}`]
    case 'verified':
      return [`update    ${state.bundle.version} is verified: inkpost update install`]
    case 'waiting':
      return [`update    ${state.bundle.version} waits: ${state.isNow ? 'begins at once' : opening}`]
    case 'installing':
      return [`update    ${state.bundle.version} is being installed${share}`]
    case 'restart-due':
      return [`update    ${state.version} is installed, restarts: ${state.isNow ? 'at once' : opening}`]
    case 'on-trial':
      return [`update    ${state.version} is on trial${state.trouble === '' ? '' : `: ${state.trouble}`}`]
    case 'kept':
      return [`update    to ${state.version} kept ${localTime(state.at, now)}`]
    case 'rolled-back':
      return [`update    to ${state.version} did not work (${endOf(state)}); ${version} runs again`]
    case 'failed':
      return [`update    failed ${localTime(state.at, now)}: ${state.sentence}`]
  }
}

const ends = {
  'did-not-start': 'it did not start',
  'not-healthy': 'it was not healthy in time',
  'taken-back': 'it was taken back',
} as const

const endOf = ({ reason, trouble }: Extract<UpdateState, { kind: 'rolled-back' }>): string =>
  `${ends[reason]}${trouble === '' ? '' : `: ${trouble}`}`
