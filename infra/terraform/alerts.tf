resource "google_monitoring_notification_channel" "operators" {
  display_name = "Floorlog's operators"
  type         = "email"
  labels       = { email_address = var.operators_mail }
  depends_on   = [google_project_service.needed]
}

locals {
  # Each says what an operator sees, and the runbook (docs/operators.md) says what to do.
  alerts = {
    behind = {
      title     = "Announcements wait longer than two minutes"
      filter    = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.pipeline.name}\" AND metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      above     = 120
      for       = "120s"
      aligner   = "ALIGN_MAX"
      reduction = "REDUCE_MAX"
    }
    lag = {
      title     = "The pipeline lags more than two minutes"
      filter    = "resource.type = \"dataflow_job\" AND resource.labels.job_name = \"floorlog-live\" AND metric.type = \"dataflow.googleapis.com/job/system_lag\""
      above     = 120
      for       = "300s"
      aligner   = "ALIGN_MAX"
      reduction = "REDUCE_MAX"
    }
    failed = {
      title     = "A pipeline job failed"
      filter    = "resource.type = \"dataflow_job\" AND resource.labels.job_name = starts_with(\"floorlog-\") AND metric.type = \"dataflow.googleapis.com/job/is_failed\""
      above     = 0
      for       = "0s"
      aligner   = "ALIGN_MAX"
      reduction = "REDUCE_MAX"
    }
    disk = {
      title     = "The database's disk is four fifths full"
      filter    = "resource.type = \"cloudsql_database\" AND metric.type = \"cloudsql.googleapis.com/database/disk/utilization\""
      above     = 0.8
      for       = "300s"
      aligner   = "ALIGN_MEAN"
      reduction = "REDUCE_MAX"
    }
    faults = {
      title     = "The pages answer with faults"
      filter    = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"floorlog-pages\" AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"5xx\""
      above     = 0.1
      for       = "300s"
      aligner   = "ALIGN_RATE"
      reduction = "REDUCE_SUM"
    }
    dead_letters = {
      title     = "A dead letter was kept"
      filter    = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.dead_letters.name}\""
      above     = 0
      for       = "0s"
      aligner   = "ALIGN_SUM"
      reduction = "REDUCE_SUM"
    }
  }
}

# Processes log one JSON object an event; this counts one of them.
resource "google_logging_metric" "dead_letters" {
  name   = "floorlog/dead_letters"
  filter = "jsonPayload.event = \"dead-letter\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }

  depends_on = [google_project_service.needed]
}

resource "google_monitoring_alert_policy" "floorlog" {
  for_each = local.alerts

  display_name          = "Floorlog: ${each.value.title}"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.operators.id]

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.above
      duration        = each.value.for

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reduction
      }
    }
  }

  documentation {
    content = "What to do stands in docs/operators.md, in the runbook."
  }
}
