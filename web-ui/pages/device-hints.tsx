import type { DeviceHints } from '../../src/core/device-view.ts'
import { t } from '../words/language.ts'

/** Where the maker's panel has the fields, and what fits into them. Collected in English, as the panels mostly are. */
export function Hints({ hints: { maker, menus, limits, traps } }: { readonly hints: DeviceHints }) {
  const parts = [
    ['card.menus', menus],
    ['card.limits', limits],
    ['card.traps', traps],
  ] as const
  return (
    <section class="card">
      <h2>
        <bdi>{t('card.hints', { maker })}</bdi>
      </h2>
      {parts.map(
        ([title, sentences]) =>
          sentences.length > 0 && (
            <div key={title}>
              <h3>{t(title)}</h3>
              <ul lang="en">
                {sentences.map((sentence) => (
                  <li key={sentence}>
                    <bdi>{sentence}</bdi>
                  </li>
                ))}
              </ul>
            </div>
          ),
      )}
    </section>
  )
}
