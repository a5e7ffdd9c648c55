// Every language says everything: same keys, same parameters, every plural form that it has; and nothing that no page says.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { en } from '../../web-ui/words/en.ts'
import { type Language, languages, loadWords, themes } from '../../web-ui/words/languages.ts'
import type { Text } from '../../web-ui/words/words.ts'

const source: Readonly<Record<string, Text>> = en
const others = (Object.keys(languages) as Language[]).filter((tag) => tag !== 'en')

const formsOf = (text: Text): readonly string[] => (typeof text === 'string' ? [text] : Object.values(text))
const parametersOf = (text: Text): string =>
  [...new Set(formsOf(text).flatMap((form) => form.match(/\{[\w-]+\}/g) ?? []))].sort().join(' ')

describe('the words of the console', () => {
  for (const tag of others)
    describe(`in ${languages[tag].name}`, async () => {
      const words: Readonly<Record<string, Text>> = await loadWords(tag, themes)

      it('have the keys of English and no others', () => {
        assert.deepEqual(Object.keys(words).sort(), Object.keys(source).sort())
      })

      it('name the parameters of English', () => {
        const wrong = Object.entries(source)
          .filter(([key, text]) => parametersOf(text) !== parametersOf(words[key] ?? ''))
          .map(([key]) => key)
        assert.deepEqual(wrong, [])
      })

      it('have every plural form of the language where there is a number', () => {
        const forms = new Intl.PluralRules(tag).resolvedOptions().pluralCategories
        const wrong = Object.entries(words)
          .filter(([, text]) => typeof text !== 'string')
          .filter(([, text]) => forms.some((form) => !Object.hasOwn(Object(text), form)))
          .map(([key]) => key)
        assert.deepEqual(wrong, [])
      })

      it('are words of their own where they are sentences, names of products left out', () => {
        const same = Object.entries(source)
          .filter(([key]) => !key.startsWith('kind.'))
          .filter(
            ([key, text]) => typeof text === 'string' && text.split(' ').length > 3 && words[key] === text,
          )
          .map(([key]) => key)
        assert.deepEqual(same, [])
      })

      it('have a text where English has one', () => {
        const empty = Object.entries(words)
          .filter(([, text]) => formsOf(text).some((form) => form.trim() === ''))
          .map(([key]) => key)
        assert.deepEqual(empty, [])
      })
    })

  it('are all said by some page', () => {
    const pages = globSync('web-ui/**/*.{ts,tsx}', { exclude: ['web-ui/words/??/**', 'web-ui/words/??.ts'] })
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    // Keys that are put together: `state.${code}`.
    const beginnings = [...pages.matchAll(/`([a-z][\w.-]*[.-])\$\{/g)].map(([, beginning = '']) => beginning)
    const unsaid = Object.keys(source).filter(
      (key) =>
        !new RegExp(`['"]${key.replaceAll('.', '\\.')}['"]`).test(pages) &&
        !beginnings.some((beginning) => key.startsWith(beginning)),
    )
    assert.deepEqual(unsaid, [])
  })
})
