import type { DayPassView, Enrolled, Enrolment, Standing } from '../../../src/core/console-session.ts'
import { type Answer, ask } from '../../box.ts'

const part = encodeURIComponent

/** What the pages of people ask of the box. */
export const access = {
  addOperator: (body: { readonly name: string; readonly role: string; readonly password: string }) =>
    ask('POST', '/operators', { body }),
  setPassword: (name: string, password: string) =>
    ask('PUT', `/operators/${part(name)}/password`, { body: { password } }),
  removeOperator: (name: string) => ask('DELETE', `/operators/${part(name)}`),
  removeFactorOf: (name: string) => ask('DELETE', `/operators/${part(name)}/second-factor`),

  makePass: (guest: string): Promise<Answer<{ readonly id: string; readonly token: string }>> =>
    ask('POST', '/passes', { body: { guest } }),
  endPass: ({ id }: DayPassView) => ask('DELETE', `/passes/${part(id)}`),

  addToken: (body: { readonly name: string; readonly role: string; readonly days?: number }) =>
    ask<{ readonly token: string }>('POST', '/tokens', { body }),
  removeToken: (id: string) => ask('DELETE', `/tokens/${part(id)}`),

  changePassword: (old: string, password: string) =>
    ask<Standing>('PUT', '/session/password', { body: { old, password } }),
  draftFactor: (password: string) => ask<Enrolment>('POST', '/session/second-factor', { body: { password } }),
  confirmFactor: (code: string) =>
    ask<Enrolled>('POST', '/session/second-factor/confirm', { body: { code } }),
  removeFactor: (password: string) => ask('POST', '/session/second-factor/remove', { body: { password } }),
} as const
