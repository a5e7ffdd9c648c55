import { to } from '../router.ts'

/** In the API. */
export const deviceApi = (name: string, ...more: readonly string[]): string =>
  ['/devices', encodeURIComponent(name), ...more].join('/')

export const deviceTab = (name: string, tab: 'now' | 'card' | 'settings'): string =>
  `${to('devices', name)}?tab=${tab}`

export const addPlace = `${to('devices')}?add`
export const adoptPlace = (address: string): string => `${to('devices')}?adopt=${encodeURIComponent(address)}`

/** `a, b` as a person types a list. */
export const listOf = (text: string): readonly string[] =>
  text
    .split(/[,;\s]+/)
    .map((each) => each.trim())
    .filter((each) => each !== '')
