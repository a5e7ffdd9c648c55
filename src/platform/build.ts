import { wallMs } from '../core/time.ts'

declare const INKPOST_BUILD: { readonly version: string; readonly date: number } | undefined

/** What the build wrote into the bundle; run from sources it is today's development version. */
export const build =
  typeof INKPOST_BUILD === 'undefined'
    ? { version: '0.1.0-dev', date: wallMs(Date.UTC(2026, 10, 1)) }
    : { version: INKPOST_BUILD.version, date: wallMs(INKPOST_BUILD.date) }
