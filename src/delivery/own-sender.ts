import { type Address, parseAddress } from '../core/address.ts'
import type { Setup } from '../core/setup.ts'

/** A sender is needed where the way out has no null reverse-path; without one set up the reader's own domain has to do. */
export function ownSender(setup: Setup, reader: Address): Address {
  const { gateway, upstreams } = setup
  const known =
    gateway.sender ?? upstreams.find(({ enabled, sender }) => enabled && sender !== undefined)?.sender
  return known ?? parseAddress(`mailer-daemon@${gateway.hostname}`) ?? reader
}
