import type { CardPlace } from '../../src/core/operations.ts'
import { standing } from '../box.ts'
import { t } from '../words/language.ts'
import { portWords } from './port-words.ts'

/** Minted passwords; what somebody chose is shown as it is. */
export const isGrouped = (text: string): boolean => /^(?=.*\d)(?:[a-z0-9]{4}){2,4}$/.test(text)

/** In groups of four whose gap is of the style alone: what is copied has none. */
export function Typed({ text }: { readonly text: string }) {
  const groups = isGrouped(text) ? (text.match(/.{4}/g) ?? []) : [text]
  return (
    <bdi class="typed" dir="ltr">
      {groups.map((group, index) => (
        <span key={`${index}`} class="group">
          {group}
        </span>
      ))}
    </bdi>
  )
}

/** Bare, it is known by every box. */
const testAddress = (box: string | undefined): string => (box === undefined ? 'test' : `test@${box}.local`)

export function PlaceFacts({ place: { server, localName, ports, sender } }: { readonly place: CardPlace }) {
  return (
    <dl class="panel">
      <dt>{t('card.server')}</dt>
      <dd>
        <bdi class="typed">{server}</bdi>
        {localName !== undefined && server !== localName && (
          <div>
            {t('card.or-name')} <bdi class="mono">{localName}</bdi>
          </div>
        )}
      </dd>
      <dt>{t('card.port')}</dt>
      <dd>
        {ports.map(({ port, security }, index) => (
          <div key={`${index}`}>
            <bdi class="typed">{port === 0 ? t('card.port-at-start') : port}</bdi> {portWords(security)}
          </div>
        ))}
      </dd>
      {sender !== undefined && (
        <>
          <dt>{t('card.sender')}</dt>
          <dd>
            <bdi class="mono">{sender}</bdi>
          </dd>
        </>
      )}
      <dt>{t('card.test')}</dt>
      <dd>
        <bdi class="mono">{testAddress(standing.value?.about.name)}</bdi>
      </dd>
    </dl>
  )
}
