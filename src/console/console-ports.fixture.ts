import { JumpingClock } from '../../test/clock.ts'
import type { StoredSession } from '../core/console-session.ts'
import type { Operations } from '../core/operations.ts'
import { wallMs } from '../core/time.ts'
import { noStreams } from './api-live.ts'
import type { ConsolePorts } from './ports.ts'

/** A claimed box with one operator, `anna` with the password `a good password`, on which nothing can be done yet. */
export function consolePorts(): ConsolePorts {
  const now = wallMs(Date.UTC(2026, 10, 29))
  const sessions = new Map<string, StoredSession>()
  return {
    operations: {} as Operations,
    live: noStreams,
    people: {
      isClaimed: () => true,
      claim: async () => ({ kind: 'refused', reason: 'it is claimed' }),
      verify: async (name, password) =>
        name === 'anna' && password === 'a good password'
          ? { kind: 'verified', name, mark: 'first' }
          : { kind: 'wrong' },
      standing: (name) => (name === 'anna' ? { role: 'administrator', mark: 'first' } : undefined),
      setPassword: async () => ({ kind: 'done' }),
      record() {},
    },
    factors: {
      isOn: () => false,
      markOf: () => undefined,
      isRequired: () => false,
      recoveryCodesLeft: () => 0,
      draft: (operator) => ({
        operator,
        octets: new Uint8Array(20),
        secret: 'A'.repeat(32),
        uri: 'otpauth://',
      }),
      confirm: () => ({ kind: 'refused', sentence: 'not here' }),
      check: () => ({ kind: 'wrong' }),
      remove: () => false,
    },
    tokens: {
      check: () => ({ kind: 'refused', sentence: 'this token is not one of this box' }),
    },
    sessions: {
      sessions: () => [...sessions.values()],
      saveSession: (session) => void sessions.set(session.hash, session),
      removeSession: (hash) => void sessions.delete(hash),
    },
    resetMemory: { wasReset: () => false, isOldMail: () => false },
    browserKey: () => new Uint8Array(32),
    revision: () => 1,
    clock: new JumpingClock(now),
    aboutBox: () => ({
      name: 'branch-07',
      version: '0.1.0',
      language: 'en',
      clock: { wall: now, isBelievable: true },
    }),
    pages: '/nonexistent',
    vitals: { ready: async () => ({ ready: true, reason: '' }), metrics: async () => '' },
    log: { write() {} },
    authority: async () => undefined,
    about: async () => ({ name: 'branch-07', version: '0.1.0', listeners: [] }),
    isTrusted: () => true,
    mayVisit: () => true,
    isKnownHost: () => true,
  }
}
