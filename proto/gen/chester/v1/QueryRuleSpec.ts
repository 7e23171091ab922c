// Original file: proto/chester/v1/admin.proto


export interface QueryRuleSpec {
  'active'?: (boolean);
  'username'?: (string);
  'schema'?: (string);
  'flagIn'?: (number);
  'flagOut'?: (number);
  'clientAddress'?: (string);
  'digest'?: (string);
  'matchDigest'?: (string);
  'matchPattern'?: (string);
  'negateMatchPattern'?: (boolean);
  'reModifiers'?: (string);
  'replacePattern'?: (string);
  'destination'?: (string);
  'cacheTtlMs'?: (number);
  'timeoutMs'?: (number);
  'retries'?: (number);
  'delayMs'?: (number);
  'multiplex'?: (number);
  'stickyConnection'?: (boolean);
  'errorMessage'?: (string);
  'okMessage'?: (string);
  'log'?: (boolean);
  'apply'?: (boolean);
  'comment'?: (string);
  'ruleId'?: (number);
  '_active'?: "active";
  '_flagIn'?: "flagIn";
  '_flagOut'?: "flagOut";
  '_replacePattern'?: "replacePattern";
  '_cacheTtlMs'?: "cacheTtlMs";
  '_timeoutMs'?: "timeoutMs";
  '_retries'?: "retries";
  '_delayMs'?: "delayMs";
  '_multiplex'?: "multiplex";
  '_stickyConnection'?: "stickyConnection";
  '_log'?: "log";
  '_ruleId'?: "ruleId";
}

export interface QueryRuleSpec__Output {
  'active'?: (boolean);
  'username': (string);
  'schema': (string);
  'flagIn'?: (number);
  'flagOut'?: (number);
  'clientAddress': (string);
  'digest': (string);
  'matchDigest': (string);
  'matchPattern': (string);
  'negateMatchPattern': (boolean);
  'reModifiers': (string);
  'replacePattern'?: (string);
  'destination': (string);
  'cacheTtlMs'?: (number);
  'timeoutMs'?: (number);
  'retries'?: (number);
  'delayMs'?: (number);
  'multiplex'?: (number);
  'stickyConnection'?: (boolean);
  'errorMessage': (string);
  'okMessage': (string);
  'log'?: (boolean);
  'apply': (boolean);
  'comment': (string);
  'ruleId'?: (number);
  '_active'?: "active";
  '_flagIn'?: "flagIn";
  '_flagOut'?: "flagOut";
  '_replacePattern'?: "replacePattern";
  '_cacheTtlMs'?: "cacheTtlMs";
  '_timeoutMs'?: "timeoutMs";
  '_retries'?: "retries";
  '_delayMs'?: "delayMs";
  '_multiplex'?: "multiplex";
  '_stickyConnection'?: "stickyConnection";
  '_log'?: "log";
  '_ruleId'?: "ruleId";
}
