// Original file: proto/chester/v1/admin.proto


export interface FieldChange {
  'field'?: (string);
  'before'?: (string);
  'after'?: (string);
  '_before'?: "before";
  '_after'?: "after";
}

export interface FieldChange__Output {
  'field': (string);
  'before'?: (string);
  'after'?: (string);
  '_before'?: "before";
  '_after'?: "after";
}
