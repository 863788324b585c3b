/** The types of the catalogues: which texts there are, and what each of them has to be told. */

import type { en } from './en.js';

/** One text for each plural form of a language; `count` chooses. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };
export type Text = string | Forms;

/** The name of a text: `area.name`. */
export type Key = keyof typeof en;
export type Catalogue = Readonly<Record<Key, Text>>;

/** What may stand in a place: several names become a list, numbers are written as people do. */
export type Value = string | number | readonly string[];

type Named<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never;

/** The names of the `{places}` of a text. */
export type Places<T> = T extends string ? Named<T> : 'count' | Named<T[keyof T]>;

/** What `t` takes after the key: nothing when the text has no places. */
export type Values<T> = [Places<T>] extends [never] ? [] : [values: Record<Places<T>, Value>];

/** The names of the texts that `t` needs nothing else for. */
export type Plain = { [K in Key]: [Places<(typeof en)[K]>] extends [never] ? K : never }[Key];
