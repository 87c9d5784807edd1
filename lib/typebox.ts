/*!
 * TypeBox is Copyright (c) 2017-2026 Haydn Paterson, under the MIT License.
 */
/**
 * What is used of TypeBox. The build makes one file of this and of the 679 that it leads to: to find and read them one by
 * one would be a fifth of the start.
 */
export { Type, type Static, type TSchema } from 'typebox'
