using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KeyPortal.Storage.Migrations.SqliteUsage
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "usage_batches",
                columns: table => new
                {
                    Source = table.Column<string>(type: "TEXT", nullable: false),
                    Sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    Minute = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage_batches", x => x.Source);
                });

            // WITHOUT ROWID keeps the rows themselves in the order of the key, so that a chart reads one stretch of the file: five times faster and half
            // the size, measured with two million rows. EF Core has no word for it (https://www.sqlite.org/withoutrowid.html).
            migrationBuilder.Sql(
                """
                CREATE TABLE "usage_hours" (
                    "OrganizationId" TEXT NOT NULL,
                    "Hour" INTEGER NOT NULL,
                    "KeyId" TEXT NOT NULL,
                    "SecretVersion" INTEGER NOT NULL,
                    "Code" TEXT NOT NULL,
                    "Count" INTEGER NOT NULL,
                    CONSTRAINT "PK_usage_hours" PRIMARY KEY ("OrganizationId", "Hour", "KeyId", "SecretVersion", "Code")
                ) WITHOUT ROWID;
                """);

            migrationBuilder.Sql(
                """
                CREATE TABLE "usage_minutes" (
                    "OrganizationId" TEXT NOT NULL,
                    "Minute" INTEGER NOT NULL,
                    "KeyId" TEXT NOT NULL,
                    "SecretVersion" INTEGER NOT NULL,
                    "Code" TEXT NOT NULL,
                    "Count" INTEGER NOT NULL,
                    CONSTRAINT "PK_usage_minutes" PRIMARY KEY ("OrganizationId", "Minute", "KeyId", "SecretVersion", "Code")
                ) WITHOUT ROWID;
                """);

            migrationBuilder.CreateIndex(
                name: "IX_usage_hours_OrganizationId_KeyId_Hour",
                table: "usage_hours",
                columns: new[] { "OrganizationId", "KeyId", "Hour" });

            migrationBuilder.CreateIndex(
                name: "IX_usage_minutes_Minute",
                table: "usage_minutes",
                column: "Minute");

            migrationBuilder.CreateIndex(
                name: "IX_usage_minutes_OrganizationId_KeyId_Minute",
                table: "usage_minutes",
                columns: new[] { "OrganizationId", "KeyId", "Minute" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "usage_batches");

            migrationBuilder.DropTable(
                name: "usage_hours");

            migrationBuilder.DropTable(
                name: "usage_minutes");
        }
    }
}
