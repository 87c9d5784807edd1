/*!
 * TypeBox is Copyright (c) 2017-2026 Haydn Paterson, under the MIT License.
 */
/**
 * The parts of TypeBox that this project uses. The build bundles this module and the 679 files that it imports into one
 * file. Loading them one by one would take a fifth of the start-up time.
 */
export { Type, type Static, type TSchema } from 'typebox'
export { Check } from 'typebox/schema'
