// Original file: proto/chester/v1/admin.proto

import type { StoryLine as _chester_v1_StoryLine, StoryLine__Output as _chester_v1_StoryLine__Output } from '../../chester/v1/StoryLine.ts';

export interface ExplainResponse {
  'summary'?: (string);
  'lines'?: (_chester_v1_StoryLine)[];
}

export interface ExplainResponse__Output {
  'summary': (string);
  'lines': (_chester_v1_StoryLine__Output)[];
}
