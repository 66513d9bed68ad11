// Questions about identities: who a client or a token belongs to.
import { atomicList, boolean, field, mapOf, required, structOf, text, textList } from '../schema.ts';
import type { Schema, StructSchema } from '../schema.ts';
import { reviewOf } from './meta.ts';

/** What an authenticator tells besides: lists of texts by name. */
export const extra: Schema = mapOf({ ...textList, goType: 'v1.ExtraValue' });

const userInfo: StructSchema = structOf('v1.UserInfo', {
  username: field(1, text, 'Name of the user.'),
  uid: field(2, text, 'A value that tells the user apart from others of the same name over time.'),
  groups: field(3, atomicList(text), 'Groups of the user.'),
  extra: field(4, extra, 'What else the authenticator told.'),
});

const selfSubjectReviewStatus: StructSchema = structOf('v1.SelfSubjectReviewStatus', {
  userInfo: field(1, userInfo, 'The user who asks.'),
});

export const selfSubjectReviewSchema: StructSchema = reviewOf('v1.SelfSubjectReview', {
  status: field(2, selfSubjectReviewStatus, 'Who the server takes the client for.'),
});

const tokenReviewSpec: StructSchema = structOf('v1.TokenReviewSpec', {
  token: field(1, text, 'The bearer token in question.', { isRequired: true }),
  audiences: field(2, atomicList(text), 'Audiences for which the token must be meant.'),
});

const tokenReviewStatus: StructSchema = structOf('v1.TokenReviewStatus', {
  authenticated: field(1, boolean, 'Whether the token belongs to a known user.'),
  user: field(2, userInfo, 'That user.'),
  audiences: field(4, atomicList(text), 'Which of the audiences the token is good for.'),
  error: field(3, text, 'Why the token could not be checked.'),
});

export const tokenReviewSchema: StructSchema = reviewOf('v1.TokenReview', {
  spec: required(2, tokenReviewSpec, 'The token in question.'),
  status: field(3, tokenReviewStatus, 'The answer.'),
});
