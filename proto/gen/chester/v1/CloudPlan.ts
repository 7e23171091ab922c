// Original file: proto/chester/v1/admin.proto


export interface CloudPlan {
  'create'?: (number);
  'delete'?: (number);
  'desiredBefore'?: (number);
  'desiredAfter'?: (number);
  'replicasMinBefore'?: (number);
  'replicasMinAfter'?: (number);
  'replicasMaxBefore'?: (number);
  'replicasMaxAfter'?: (number);
}

export interface CloudPlan__Output {
  'create': (number);
  'delete': (number);
  'desiredBefore': (number);
  'desiredAfter': (number);
  'replicasMinBefore': (number);
  'replicasMinAfter': (number);
  'replicasMaxBefore': (number);
  'replicasMaxAfter': (number);
}
