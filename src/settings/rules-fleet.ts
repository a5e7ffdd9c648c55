import { parseShare } from '../core/backup-target.ts'
import type { Rule } from './candidate.ts'
import { error } from './problem.ts'
import type { FleetDocument } from './schema.ts'

const quoted = (text: string): string => JSON.stringify(text).slice(0, 60)
const isShare = (url: string): boolean => url.startsWith('//')
const hasPassword = (fleet: FleetDocument): boolean =>
  fleet.password !== undefined || fleet.password_file !== undefined

const whatIsPulledIsSigned: Rule = {
  name: 'what is pulled is signed',
  check: ({ document: { fleet } }) =>
    fleet.url !== '' && fleet.public_keys.length === 0
      ? [error('fleet: public_keys', 'is required with url: whoever holds the server could change the box')]
      : [],
}

const fleetHasAPlace: Rule = {
  name: 'a fleet has a place',
  check: ({ document: { fleet } }) => [
    ...(isShare(fleet.url) && parseShare(fleet.url) === undefined
      ? [error('fleet: url', `${quoted(fleet.url)} is no share such as "//nas/fleet/inkpost"`)]
      : []),
    ...(isShare(fleet.url) && (fleet.username === '' || !hasPassword(fleet))
      ? [error('fleet: username', 'and password are required for a share')]
      : []),
    ...(fleet.url === '' && (fleet.canary || fleet.status_url !== '')
      ? [error('fleet: url', 'is required with canary and status_url')]
      : []),
  ],
}

const oftenEnough: Rule = {
  name: 'a server of fifty boxes is asked now and then',
  check: ({ setup }) =>
    setup.fleet !== undefined && setup.fleet.everyMs < 60_000
      ? [error('fleet: every', 'must be at least "1m"')]
      : [],
}

const boxesAreKnown: Rule = {
  name: 'other boxes are known by name and by token',
  check: ({ document: { fleet } }) =>
    fleet.box.flatMap(({ name, token, token_file }, index) => [
      ...(fleet.box.findIndex((row) => row.name === name) < index
        ? [error('fleet: box', `${quoted(name)} is there twice`)]
        : []),
      ...(token === undefined && token_file === undefined
        ? [
            error(
              `fleet: box.${name}.token`,
              'is required: make one as viewer with `inkpost token add` there',
            ),
          ]
        : []),
    ]),
}

export const fleetRules: readonly Rule[] = [whatIsPulledIsSigned, fleetHasAPlace, oftenEnough, boxesAreKnown]
