namespace Yunpipe.Dispatcher;

/// <summary>Which messages of a queue are to come again (AWS Lambda developer guide, “Reporting batch item failures”).</summary>
internal sealed record BatchAnswer(IReadOnlyList<FailedItem> BatchItemFailures);

internal sealed record FailedItem(string ItemIdentifier);

/// <summary>What a minute came to.</summary>
internal sealed record MinuteAnswer(int Looked, int Swept, int Sent, int Started, int Stopped, IReadOnlyList<string> Words);
