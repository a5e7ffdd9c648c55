import { matchesAny } from '../core/address.ts'
import { devicesOf, isBeyondLoopback, type Rule, routeOf } from './candidate.ts'
import { blockKey, isPrivateBlock, isSingleAddress, isWholeInternet, networkBlock } from './network-block.ts'
import { error, type Problem, warning } from './problem.ts'

const shortestFreePassword = 8

const quoted = (text: string): string => JSON.stringify(text)

/** Two devices under one login could not be told apart; sign-in names are compared without case. */
const loginsAreUnique: Rule = {
  name: 'logins are unique',
  check(candidate) {
    const owners = new Map<string, string>()
    return devicesOf(candidate).flatMap(({ document, place }) => {
      const logins = [
        ...(document.username === undefined ? [] : [['username', document.username] as const]),
        ...document.also_known_as.map((login) => ['also_known_as', login] as const),
      ]
      return logins.flatMap(([key, login]) => {
        const owner = owners.get(login.toLowerCase())
        owners.set(login.toLowerCase(), owner ?? document.name)
        if (owner === undefined) return []
        return [error(place(key), `${quoted(login)} is already a login of device ${quoted(owner)}`)]
      })
    })
  },
}

/** The most specific match wins; two equal ones would be a matter of luck. */
const addressesAreUnique: Rule = {
  name: 'device addresses are unique',
  check(candidate) {
    const owners = new Map<string, { readonly device: string; readonly index: number }>()
    return devicesOf(candidate).flatMap(({ document, index, place }) =>
      document.addresses.flatMap((address) => {
        const block = networkBlock(address)
        const key = block === undefined ? address : blockKey(block)
        const owner = owners.get(key)
        owners.set(key, owner ?? { device: document.name, index })
        if (owner === undefined || owner.index === index) return []
        return [
          error(
            place('addresses'),
            `${quoted(address)} already belongs to device ${quoted(owner.device)}; two equal matches cannot be told apart`,
          ),
        ]
      }),
    )
  },
}

const isKnownBySomething: Rule = {
  name: 'a device is known by password or address',
  check: (candidate) =>
    devicesOf(candidate).flatMap(({ document, place }) => {
      const hasLogin = document.username !== undefined || document.also_known_as.length > 0
      if (document.password === undefined && document.addresses.length === 0)
        return [error(place(), 'needs a password or addresses; without both anyone could send in its name')]
      if (document.password !== undefined && !hasLogin)
        return [error(place('username'), 'is required with a password')]
      return []
    }),
}

const passwordIsLongEnough: Rule = {
  name: 'a short password is bound to addresses',
  check(candidate) {
    if (!isBeyondLoopback(candidate)) return []
    return devicesOf(candidate).flatMap(({ document, index, place }) => {
      const length = candidate.passwordLengths[index]
      if (length === undefined || length >= shortestFreePassword || document.addresses.length > 0) return []
      return [
        error(
          place('password'),
          `has ${length} characters; with a listener beyond loopback it needs ${shortestFreePassword}, or addresses`,
        ),
      ]
    })
  },
}

/** A public network that is let in without a real password is an open relay. */
const addressesAreClosed: Rule = {
  name: 'device addresses open no relay',
  check: (candidate) =>
    devicesOf(candidate).flatMap(({ document, index, place }) => {
      const length = document.password === undefined ? 0 : candidate.passwordLengths[index]
      const isWeak = length !== undefined && length < shortestFreePassword
      return document.addresses.flatMap((address) =>
        judgeAddress(address, place('addresses'), isWeak && (length === 0 ? 'without' : 'short')),
      )
    }),
}

function judgeAddress(address: string, place: string, weakness: 'without' | 'short' | false): Problem[] {
  const block = networkBlock(address)
  if (block === undefined || isPrivateBlock(block)) return []
  if (isWholeInternet(block))
    return [
      error(place, `${quoted(address)} is the whole internet; name the network in which the device stands`),
    ]
  if (weakness === false) return []
  const password =
    weakness === 'without' ? 'without a password' : `with a password under ${shortestFreePassword} characters`
  return isSingleAddress(block)
    ? [warning(place, `${quoted(address)} is public: whoever is behind it may send ${password}`)]
    : [error(place, `${quoted(address)} is a public network: ${password} everyone in it could send`)]
}

const routeIsKnown: Rule = {
  name: 'a route names upstreams',
  check(candidate) {
    if (candidate.missing.has('upstream')) return []
    const { upstreams } = candidate.setup
    return devicesOf(candidate).flatMap(({ value, place }) => {
      const unknown = (value.route ?? []).filter(
        (name) => !upstreams.some((upstream) => upstream.name === name),
      )
      if (unknown.length > 0) {
        return unknown.map((name) => error(place('route'), `${quoted(name)} is no upstream of this document`))
      }
      if (value.route === undefined || routeOf(candidate.setup, value).length > 0) return []
      return [warning(place('route'), 'every upstream of it is switched off: mail of this device waits')]
    })
  },
}

const senderIsTaken: Rule = {
  name: 'a sender that some upstream accepts',
  check: (candidate) =>
    devicesOf(candidate).flatMap(({ value, place }) => {
      const { sender } = value
      const route = routeOf(candidate.setup, value)
      if (sender === undefined || route.length === 0 || candidate.missing.has('upstream')) return []
      const isTaken = route.some(
        ({ senders, sender: instead }) =>
          instead !== undefined || senders.length === 0 || matchesAny(sender, senders),
      )
      if (isTaken) return []
      return [
        error(
          place('sender'),
          `${quoted(sender)} is accepted by no upstream of its route (${route.map(({ name }) => name).join(', ')}), and none of them has a sender to use instead`,
        ),
      ]
    }),
}

/** SSLv3, RC4 and 3DES protect nothing on the internet; a device that speaks them is known by a private address. */
const vintageIsPrivate: Rule = {
  name: 'vintage TLS is for private addresses',
  check: (candidate) =>
    devicesOf(candidate).flatMap(({ document, place }) => {
      if (document.tls !== 'vintage') return []
      if (document.addresses.length === 0) return [error(place('tls'), 'vintage needs addresses')]
      return document.addresses
        .filter((address) => {
          const block = networkBlock(address)
          return block !== undefined && !isPrivateBlock(block)
        })
        .map((address) =>
          error(place('tls'), `vintage is for private addresses, and ${quoted(address)} is none`),
        )
    }),
}

const tlsIsPossible: Rule = {
  name: 'required TLS is offered',
  check: (candidate) =>
    devicesOf(candidate).flatMap(({ value, place }) =>
      value.requireTls && value.tls === 'plain'
        ? [error(place('require_tls'), 'cannot hold with tls = "plain", which hides STARTTLS')]
        : [],
    ),
}

/** What must be known before the device signs in cannot depend on who signs in. */
const settingsBeforeLogin: Rule = {
  name: 'settings that act before login',
  check: (candidate) =>
    devicesOf(candidate).flatMap(({ document, place }) => {
      if (document.addresses.length > 0) return []
      const isSet = {
        tls: document.tls !== '',
        certificate: document.certificate !== 'auto',
        auth: document.auth.join() !== 'LOGIN,PLAIN',
      }
      return Object.entries(isSet)
        .filter(([, isSetHere]) => isSetHere)
        .map(([key]) =>
          warning(
            place(key),
            'acts before the device has signed in, so it holds only where the device signed in from before; give it addresses',
          ),
        )
    }),
}

/** A limit that was raised for a day stays raised for good where nobody said for which. */
const raisedLimitEnds: Rule = {
  name: 'a raised limit ends',
  check: (candidate) =>
    devicesOf(candidate).flatMap(({ value: { raisedPerHour, raisedUntil }, place }) =>
      raisedPerHour > 0 && raisedUntil === ''
        ? [error(place('raised_until'), 'is required with raised_per_hour: the last day of it')]
        : [],
    ),
}

const acsShowsNoName: Rule = {
  name: 'ACS shows no sender name of ours',
  check: (candidate) =>
    devicesOf(candidate).flatMap(({ value, place }) => {
      const acs = routeOf(candidate.setup, value).find(
        ({ kind }) => kind === 'acs-email' || kind === 'acs-smtp',
      )
      if (acs === undefined || value.senderName === '') return []
      return [
        warning(
          place('sender_name'),
          `is not shown by upstream ${quoted(acs.name)}: Azure shows the display name of its own MailFrom address`,
        ),
      ]
    }),
}

export const deviceRules: readonly Rule[] = [
  loginsAreUnique,
  addressesAreUnique,
  isKnownBySomething,
  passwordIsLongEnough,
  addressesAreClosed,
  routeIsKnown,
  senderIsTaken,
  vintageIsPrivate,
  tlsIsPossible,
  settingsBeforeLogin,
  raisedLimitEnds,
  acsShowsNoName,
]
