import type { ListenerView } from '../../../src/core/operations.ts'
import { StateWord } from '../../parts/state-word.tsx'
import { formatList } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

/** Where printers reach the box: the address in this page's own is one that works. */
export function NetworkFound({ listeners }: { readonly listeners: readonly ListenerView[] }) {
  const open = listeners.filter(({ trouble, protocol }) => trouble === '' && protocol === 'smtp')
  const ports = [...new Set(open.map(({ port }) => String(port)))]
  return (
    <section class="card">
      <h2>{t('wizard.network')}</h2>
      <p>
        <bdi class="mono">{location.hostname}</bdi>
      </p>
      <p>
        <StateWord mood={ports.length > 0 ? 'good' : 'bad'}>
          {ports.length > 0
            ? t('wizard.network-accepts', { ports: formatList(ports) })
            : t('wizard.network-nothing')}
        </StateWord>
      </p>
      {listeners
        .filter(({ trouble }) => trouble !== '')
        .map(({ name, port, trouble }) => (
          <p key={name}>
            <StateWord mood="bad">
              <bdi>{port}</bdi>
            </StateWord>{' '}
            <span lang="en">{trouble}</span>
          </p>
        ))}
    </section>
  )
}
