/** A text, or one for each plural form of a language (`Intl.PluralRules`) of its parameter `count`. */
export type Text = string | Plural
export type Plural = { readonly other: string } & Readonly<
  Partial<Record<'zero' | 'one' | 'two' | 'few' | 'many', string>>
>

/** The same keys in another language. */
export type Translation<Source> = { readonly [Key in keyof Source]: Text }
